// Package doctor looks at everything that a drain needs, before one is needed: configuration, Redis, credentials and
// scopes, the platform's schema, pauses, the index, the policy's locations, alerts and clocks. It changes nothing, and
// no service needs to run.
//
// A check answers with results: what was looked at, what was seen, how severe that is, and what to do about it. The
// checks are a table in [Doctor.Run].
package doctor
