package main_test

import "bytes"

// playByHand opens an incident of a location that works, and closes it.
func (o *outside) playByHand() {
	o.Helper()
	o.of("incidents open", "--location", "metz-warehouse")
	o.of("incidents open", "--reason", "flood")
	o.of("incidents open", "--location", "nowhere", "--reason", "flood", "--yes")
	o.api("POST /api/incidents", "/api/incidents", `{"location": "metz-warehouse", "dry_run": true}`)
	o.api("POST /api/incidents", "/api/incidents", `{"location": "metz-warehouse"}`)
	o.of("incidents open", "--location", "metz-warehouse", "--reason", "flood", "--yes")
	o.api("POST /api/incidents", "/api/incidents", `{"location": "metz-warehouse", "reason": "flood"}`)
	id := o.incident("metz-warehouse", "awaiting_approval")
	o.observed(id)
	o.of("incidents close", id)
	o.api("POST /api/incidents/{id}/close", "/api/incidents/"+id+"/close", `{"dry_run": true}`)
	o.of("incidents close", id, "--reason", "dry again", "--yes")
	shown := request{base: o.admin, route: "GET /api/incidents/{id}", path: "/api/incidents/" + id}
	o.until("what was closed by hand is over", func() bool { return bytes.Contains(o.send(shown).body, []byte(`"state":"closed"`)) })
	o.api("POST /api/incidents/{id}/close", "/api/incidents/"+id+"/close", `{"reason": "again"}`)
}

// observed waits until the location of an incident was read: what is recorded of it is the same each time then.
func (o *outside) observed(id string) {
	o.Helper()
	shown := request{base: o.admin, route: "GET /api/incidents/{id}", path: "/api/incidents/" + id}
	o.until(id+" is observed", func() bool { return bytes.Contains(o.send(shown).body, []byte(`"round":`)) })
}
