// Package doctor checks everything that a drain needs, before one is needed: configuration, Redis, credentials and
// scopes, the platform's schema, pauses, the index, the policy's locations, alerts and clocks. It changes nothing, and
// no service needs to run. The verb "doctor" calls it.
//
// A check returns results: what was checked, what was found, how severe that is, and what to do about it. The checks
// are a table in [Doctor.Run].
package doctor
