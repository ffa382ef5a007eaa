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
// loopback. Bodies and answers are JSON; locations are named by id or slug.
//
//	GET    /sandbox/books          what happened and what there is
//	GET    /sandbox/organizations  with credentials
//	GET    /sandbox/queues         webhooks: waiting, blocked, last error
//	POST   /sandbox/seed           {"organization", "orders", "seed"}
//	POST   /sandbox/organizations, /locations, /orders, /delivery-orders, /stocks: add one
//	POST   /sandbox/break          {"location"}
//	POST   /sandbox/recover        {"location", "announce"}
//	POST   /sandbox/integration    {"location", "state", "integration_id", "announce"}
//	POST   /sandbox/active         {"location", "active"}
//	POST   /sandbox/blip           {"location", "lasts", "announce"}: ACTIVE for so long
//	POST   /sandbox/rename         {"location", "slug"}
//	POST   /sandbox/move-slug      {"location", "to", "slug"}: its slug passes to another, it is called "slug"
//	POST   /sandbox/accepts-from   {"location", "at"}: takes no requests before
//	POST   /sandbox/moods          a Fault, "after" written like "30s"; DELETE clears all
//	POST   /sandbox/act            {"action", "delivery_order" | "order", "location", "state"}; actions:
//	                               cancel open request move proceed, accept reject start ship,
//	                               resume hold order_state cancel_order, confirm_cancel reject_cancel,
//	                               ask_cancel with "after" and "show_canceled", "event_at_once",
//	                               "rejected", "hangs" as wanted
//	POST   /sandbox/announce       {"type", "id"}
//	POST   /sandbox/subscribe      {"organization", "url"}
//	POST   /sandbox/unblock        {"organization", "resend"}
//	POST   /sandbox/revoke-tokens  {"organization"}: its access tokens; faults bend the token endpoint too
//	POST   /sandbox/judge          {"rows", "incidents"}: of "orders list --json" and "incidents list --json"
package sandbox
