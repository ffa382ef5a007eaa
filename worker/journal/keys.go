package journal

// prefix begins every key of the product; the organization is the hash tag, so that all keys of one
// organization lie in one cluster slot.
func key(organization, rest string) string { return "reassigner:{" + organization + "}:" + rest }

type keys string

func (org keys) record(id string) string         { return key(string(org), "re:"+id) }
func (org keys) incident(id string) string       { return key(string(org), "inc:"+id) }
func (org keys) rows(id string) string           { return key(string(org), "inc:"+id+":rows") }
func (org keys) counts(id string) string         { return key(string(org), "inc:"+id+":counts") }
func (org keys) group(id, n string) string       { return key(string(org), "inc:"+id+":in:"+n) }      // records of a group: see tally.go
func (org keys) canarySlots(id string) string    { return key(string(org), "inc:"+id+":places") }     // records between prepare and send
func (org keys) canaryQueue(id string) string    { return key(string(org), "inc:"+id+":queue") }      // records that wait for a place, the first to go first
func (org keys) plan(id, plan string) string     { return key(string(org), "inc:"+id+":plan:"+plan) } // rows of a frozen plan, by delivery order
func (org keys) planRows(id, plan string) string { return org.plan(id, plan) + ":order" }             // its delivery orders in the order of the walk
func (org keys) approved(id string) string       { return key(string(org), "inc:"+id+":approved") }   // rows of approved plans, by delivery order
func (org keys) deviations(id string) string     { return key(string(org), "inc:"+id+":leftout") }    // approved, and changed before it was moved
func (org keys) name(name string) string         { return key(string(org), "name:"+name) }
func (org keys) late() string                    { return key(string(org), "late") }      // DRAFT whose create was answered late > record id
func (org keys) due() string                     { return key(string(org), "due") }       // record id by the time somebody must look
func (org keys) open() string                    { return key(string(org), "open") }      // root > record id of its open reassignment
func (org keys) lineage() string                 { return key(string(org), "lineage") }   // delivery order > root
func (org keys) watch() string                   { return key(string(org), "watch") }     // delivery order > record id
func (org keys) signalled() string               { return key(string(org), "nudged") }    // records at work for which an event came
func (org keys) locks() string                   { return key(string(org), "locks") }     // parent order > owner and end of its lease
func (org keys) pauses() string                  { return key(string(org), "pause") }     // scope > who paused since when
func (org keys) paused() string                  { return key(string(org), "paused") }    // pauses that are over
func (org keys) openIncidents() string           { return key(string(org), "failing") }   // location > its open incident
func (org keys) sweepStatus() string             { return key(string(org), "swept") }     // what the last sweep did
func (org keys) cooldowns() string               { return key(string(org), "cooling") }   // location > when its last incident was closed, and which
func (org keys) incidents() string               { return key(string(org), "incidents") } // incident id by opening time
func (org keys) generation() string              { return key(string(org), "born") }      // when this Redis began to remember
func (org keys) dataLoss() string                { return key(string(org), "forgot") }    // when its memory was lost, if a worker saw it
func (org keys) forecast() string                { return key(string(org), "outlook") }   // the last forecast of all locations
func (org keys) audit() string                   { return key(string(org), "audit") }
func (org keys) scanCursor() string              { return key(string(org), "walked") } // how far the walk over the keys is
