// Package journal is the memory of what was decided, intended and done: incidents, reassignments and
// the audit log, in Redis. It is the truth; tasks are only messengers. Every change of a record is a
// compare-and-set on its version, so that of two who act on one record the later notices.
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
// One that moves by approved plans waits for another approval when what was approved is at rest and there
// is more in flight. Nothing gets an intent then that no approved plan sends to that target, unless a
// person retried it, or its release began.
//
// A reassignment of one delivery order:
//
//	pending --> preparing --> releasing --> confirming_release --> checking --> sending --> confirming --> reassigned
//	              |   a DRAFT is moved in place: preparing --> reassigned
//	              v
//	           undoing --> left | needs_person          any --> left | needs_person
//
// holding stands beside pending, for a decision that has to wait until a candidate has room, or is known to work.
// needs_person is at rest but not over: retry and leave lead out of it. reassigned and left are the end, unless
// the incident reopens the record: left as recovered or gone, or with a DRAFT that was moved and is back.
//
// A reassignment at work holds a lease (Redis time) that is longer than any request's deadline. Its
// due time is the moment somebody else must look at it if nothing happened: lease and one more
// request timeout while at work, the time to go on (and a grace for the queue) while it waits.
//
// Keys carry the organization as hash tag, so a script never crosses cluster slots. A record carries
// the version of its shape: this release reads its own and the previous one, and leaves newer ones
// untouched.
package journal
