// Package desk is where people see and steer: the JSON API under /api/, which the command line uses, the
// login before it, and the task queue's own web UI under /monitoring/. The pages for browsers are the package
// console below it. The admin server decides nothing about delivery
// orders; it shows the journal, and hands what an operator wants to the packages that do it.
//
// # Login
//
// HTTP Basic for programs, a form and a session for browsers, both with the users of the configuration. A
// viewer may only look; an operator may act. Without users everybody is the operator "local": the listener
// is then bound to loopback, and the Host header must name loopback too, since a web page could make its own
// name resolve to it.
//
// A session is a random id in a cookie that no script reads; Redis keeps only its digest. It ends after 2
// hours without a request, after 12 in all, with a logout, and when the user is gone from the configuration
// or has another password. Wrong logins are counted in Redis by name and by address; who is over the limit
// is told 429 with Retry-After, whatever the password, and whether or not the name exists.
//
// Whoever acts through a browser's login could be made to by a foreign page. So everything but reading must
// come from the same origin, as http.CrossOriginProtection has it; a request under /api/ needs the header
// X-Reassigner-CSRF: 1, which no foreign page can send, or a JSON body from a browser that says where it comes from;
// and a form needs either. The one form before a login, the login's own, is held to the same.
//
// # API
//
// Bodies and answers are JSON; times are RFC 3339 in UTC. What fails answers {"error": "..."}: 400 the
// request is wrong, 401, 403 and 429 login, 404 nothing matches, 409 the world moved on, 502 the platform did
// not do its part, 503 Redis is away. A location is named by slug or id, a delivery order by its id, an
// order's id or number. Where organization is left out, all are meant, or the only one there is. A reason_code that
// there is not is a wrong request. An import wants no reason: without one the audit log has what was imported.
//
//	GET  /api/status                       version, organizations, age of the index, what is open and paused
//	GET  /api/locations                    what the index heard of, with delivery orders in flight
//	GET  /api/incidents                    newest first; ?organization=
//	GET  /api/incidents/{id}               with gates, history, report, and what is under way
//	POST /api/incidents/{id}/approve       {dry_run}: plans and freezes | {hash, limit, approved, reason}: lets that plan be executed
//	GET  /api/incidents/{id}/plan          the rows of the plan that is frozen
//	POST /api/incidents/{id}/stop          {reason, dry_run}; nothing new starts, the location stays held
//	POST /api/incidents/{id}/unblock       {reason, dry_run}; waives the gates that block, ends a cooldown, closes a stopped one
//	GET  /api/orders                       ?organization= &incident= &location= &reason_code= &needs_person=1
//	GET  /api/orders/{name}                whole records with history and decision; several may bear a name
//	POST /api/orders/retry | leave | proceed  {ids | filter{organization, incident, location, reason_code}, reason, dry_run, expect}
//	GET  /api/plan                         ?location= | ?all=1, &organization= &forecast=1  what would happen now; moves nothing
//	GET  /api/plan/last                    ?organization=  what the last plan of every location came to
//	POST /api/pause | resume               {organization, location, reason, dry_run}; no location: everything
//	GET  /api/import                       ?organization= &list=  how many lines of a list are done, and which failed
//	POST /api/import                       {organization, list, from | again, ids, third_party_app, finish, reason} | {organization, location, cursor, reason}
//	GET  /api/audit                        ?organization= &most=  newest first
//	GET  /api/parked                       ?organization= &most=  webhooks that were not understood
//	GET  /api/policies                     ?organization=  file, revision and last reading, in this process
//
// A plan is approved by its hash, so that nobody approves what he did not see: without one the answer is 400,
// with one that is not of the plan frozen now, 409. limit lets the first go that would move; with approved, the
// rows that were approved before, the same request again is refused (409) instead of letting the next ones go.
//
// An import answers what became of each id: read, skipped (the platform says that there is none), or failed: a reason that
// may pass, after several tries. again names the lines that ids are, where they failed before. Where the platform answers
// for none of them, the chunk counts as not done (502).
//
// With forecast=1 the answer of /api/plan is {"rows": [...], "forecast": [...]}: what the rows come to, for each
// organization. A plan of every location is remembered as the last one. Where a plan breaks off behind its first rows,
// {"rows": [...], "broken": {"status", "error"}} says why; without forecast=1 the connection is broken off.
//
// expect is the count that a dry run gave: if another number matches now, nothing is done (409).
package admin
