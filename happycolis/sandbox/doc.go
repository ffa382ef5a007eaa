// Package sandbox is a strict fake HappyColis: the GraphQL API over the real schema, tokens, the rate limit, the webhooks with
// their blocking queue, and warehouses that accept or do not. Everything that happens is recorded (Books), and Judge says from
// these records whether the promises P1 to P3 and P5 held. Tests use it, and the verbs demo and sandbox; the service never
// imports it. A "person" here is somebody who uses the platform's own dashboard, not the worker's operator.
//
// It is deliberately written without our client, from the platform's documentation alone, so that a misreading in one shows
// as a disagreement between the two. Where the documentation is silent, the package has a default that a comment marks
// "(assumed)", and a Fault that does the opposite.
//
// # Time
//
// Whatever happens later (an acceptance, a confirmation of a cancel, a webhook) is an entry in one
// queue, ordered by due time and then by origin. On the wall clock call Run; with a clock of your
// own, move it to NextDue and call RunDue. The same seed, clock and calls give the same run.
//
// # Life of a delivery order
//
//	         open              request            the warehouse answers
//	DRAFT ---------> PENDING ----------> PENDING ----------------------> PENDING or OPENED
//	  |                 |        FULFILLMENT_REQUESTED     accepted | rejected      |
//	  | update          |                                                           | ship
//	  | (anything)      +---- cancel: lines CANCELED, event CANCELED, COMPLETED     v
//	  v                                                                         COMPLETED
//	DRAFT
//
// A cancel is refused when COMPLETED, or when any line is IN_PROGRESS or beyond. A location whose
// integration is in ERROR takes requests and stays silent until it recovers. Every change announces
// the fitting webhook and then delivery_order/updated.
//
// # Control surface
//
// Over HTTP, beside POST /graphql, POST /token and POST /oauth2/token. It has no login: bind it to
// loopback. Bodies and answers are JSON; locations are named by id or slug. Commands lists it, with an example each.
package sandbox
