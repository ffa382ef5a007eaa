// Package journal stores what was decided, intended and done: incidents, reassignments, plans, pauses and the audit log, in
// Redis. What it says counts; a task of the queue only causes somebody to look. The promises P1 and P2 rest on it: every
// change of a record is a compare-and-set on its version, so of two workers that drive one record the later fails with
// ErrObsolete; and a mutation is sent only after its intent was stored (Journal.Intend). Packages handover, incident,
// plan and ops write it; ops/query, notify and metrics read it. All times are UTC; leases and due times go by Redis's clock, since the clocks
// of several workers differ.
//
// An incident:
//
//	settling --> awaiting_approval <-> draining --> watching --> closed
//	   |  \        ^   |                 ^  |          |
//	   |   \       |   v                 |  v          |
//	   |    +----> blocked <-------------+--+----------+
//	   v
//	dismissed          stopped (an operator; holds the location) --> closed
//
// An incident has up to two causes (causes.go): its location reads ERROR, or an operator opened it by hand. One by hand passes
// settling at once, always moves by approved plans, and nothing that is read ends it: closed by an operator it is watching until
// what it released is at rest, then closed; or it settles anew, if its location reads ERROR by then.
//
// An incident that moves by approved plans waits for another approval when everything that was approved is at rest and more
// delivery orders are in flight. Then an intent is stored only where an approved plan sends the delivery order to that
// target, an operator retried it, or its release began.
//
// A reassignment of one delivery order:
//
//	pending --> preparing --> releasing --> confirming_release --> checking --> sending --> confirming --> reassigned
//	              |   a DRAFT is moved in place: preparing --> reassigned
//	              v
//	           undoing --> left | needs_person          any --> left | needs_person
//
// In holding, beside pending, a reassignment waits until a candidate has capacity, or until it is known whether a candidate
// works. needs_person is at rest but not over: an operator's retry, proceed or leave leads out of it. reassigned and left are
// the end, unless the incident reopens the record: one that was left as recovered or gone, or a DRAFT that was moved and is
// back at the failing location.
//
// A worker that drives a reassignment holds its lease, which lasts longer than any request's deadline. The record's due time
// is when another worker must look at it if nothing happens: after the lease and one more request timeout while it is
// driven; at the time to go on, and a grace for the queue, while it waits.
//
// The fields of a reassignment stand in groups (record.go); how far the release of the original is, Phase alone says.
//
// Keys carry the organization as hash tag, so a script never crosses cluster slots. A record carries the version of its
// layout: this release reads its own and the previous one, and leaves newer ones untouched (ErrNewer).
package journal
