// Package admin is what operators use: the JSON API under /api/, which the command line calls, the login in front of it, and
// the task queue's own web UI under /monitoring/. It decodes what is asked, has package ops do it or package query read it, and
// encodes the answer in the types of package api. The pages for browsers are the package console below it, which it does not
// know.
//
// # Login
//
// HTTP Basic for programs, a form and a session for browsers, both with the users of the configuration. A
// viewer may only read; an operator may act. Without users everybody is the operator "local": the listener
// is then bound to loopback, and the Host header must name loopback too, since a web page could make its own
// name resolve to it.
//
// A user may be limited to some organizations. The API and the pages are then made of reads and actions to which there is no
// other organization, and what all share is refused: see apiByUser.
//
// A session is a random id in a cookie that no script reads; Redis keeps only its digest. It ends after 2
// hours without a request, after 12 in all, with a logout, and when the user is gone from the configuration
// or has another password. Wrong logins are counted in Redis by address, and by address and name; over the
// limit the answer is 429 with Retry-After, whatever the password, and whether or not the name exists. Nobody can keep a
// user out from another address. Which address that is, a trusted proxy says in X-Forwarded-For.
//
// Whoever acts through a browser's login could be made to by a foreign page. So everything but reading must
// come from the same origin, as http.CrossOriginProtection has it; a request under /api/ needs the header
// X-Reassigner-CSRF: 1, which no foreign page can send, or a JSON body from a browser that says where it comes from;
// and a form needs either. The one form before a login, the login's own, is held to the same.
//
// # API
//
// Bodies and answers are JSON; times are RFC 3339 in UTC, and the header X-Reassigner-Time-Zone names the zone of people. What fails answers {"error": "..."}: 400 the
// request is wrong, 401, 403 and 429 login, 404 nothing matches, 409 the state has changed meanwhile, 502 the
// platform failed, 503 Redis is away. A location is named by slug or id, a delivery order by its id, an
// order's id or number. Where organization is left out, all are meant, or the only one there is. A reason_code that
// there is not is a wrong request. An import wants no reason: without one the audit log has what was imported; nor does a test of alerts.
//
//	GET  /api/status                       version, organizations, age of the index, what is open and paused
//	GET  /api/locations                    the locations in the index, with delivery orders in flight
//	GET  /api/incidents                    newest first; ?organization= &state= &open=1 &since= (opened since)
//	GET  /api/incidents/{id}               with gates, history, report, and what is under way
//	POST /api/incidents/{id}/approve       {dry_run}: plans and freezes | {hash, limit, approved, reason}: lets that plan be executed
//	GET  /api/incidents/{id}/plan          the rows of the plan that is frozen
//	POST /api/incidents/{id}/stop          {reason, dry_run}; nothing new starts, the location stays held
//	POST /api/incidents/{id}/unblock       {reason, dry_run}; waives the gates that block, ends a cooldown, closes a stopped one
//	GET  /api/orders                       ?organization= &incident= &location= &reason_code= &needs_person=1 &state= &open=1 &since= (changed since) &lines=1
//	GET  /api/orders/{name}                whole records with history and decision; several may bear a name
//	GET  /api/find                         ?name= &organization=  delivery orders with that in a name, also those that no incident has
//	POST /api/orders/retry | leave | proceed  {ids | filter{organization, incident, location, reason_code}, reason, dry_run, expect}
//	GET  /api/plan                         ?location= | ?all=1, &organization= &outlook=1 &lines=1  what would happen now; moves nothing
//	GET  /api/plan/last                    ?organization=  counts of the last plan of every location
//	POST /api/pause | resume               {organization, location, reason, dry_run}; no location: everything
//	GET  /api/import                       ?organization= &list=  how many lines of a list are done, and which failed
//	POST /api/import                       {organization, list, from | again, ids, third_party_app, finish, reason} | {organization, location, cursor, reason}
//	POST /api/alerts/test                  {target, reason}: a message to one target of alerts, or to each; answers what became of it
//	GET  /api/audit                        ?organization= &most=  newest first
//	GET  /api/parked                       ?organization= &most=  webhooks that were not understood
//	GET  /api/policies                     ?organization=  file, revision and last reading, in this process
//
// A plan is approved by its hash, so that nobody approves a plan that was not shown: without one the answer is 400,
// with one that is not of the plan frozen now, 409. limit approves only the first that would move; with approved,
// the number of rows approved before, repeating the request is refused (409) instead of approving the next ones.
//
// An import answers for each id: read, skipped (the platform says that there is none), or failed (for a temporary reason,
// after several tries). again has the line numbers of ids that failed before. Where the platform answers for none of them,
// the chunk counts as not done (502).
//
// With outlook=1 the answer of /api/plan is {"rows": [...], "outlook": [...]}: the counts of the rows, for
// each organization. The counts of a plan of every location are stored as the last ones. Where a plan fails after its first rows,
// {"rows": [...], "broken": {"status", "error"}} says why; without outlook=1 the connection is aborted.
//
// expect is the count that a dry run gave: if another number matches now, nothing is done (409).
package admin
