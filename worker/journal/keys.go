package journal

import "happycolis-reassigner/worker/rediskey"

// keys are those of an organization.
type keys string

func (org keys) key(name string) string { return rediskey.Of(string(org), name) }

func (org keys) record(id string) string         { return org.key("re:" + id) }
func (org keys) incident(id string) string       { return org.key("inc:" + id) }
func (org keys) rows(id string) string           { return org.key("inc:" + id + ":rows") }
func (org keys) counts(id string) string         { return org.key("inc:" + id + ":counts") }
func (org keys) group(id, n string) string       { return org.key("inc:" + id + ":in:" + n) }      // records of a group: see tally.go
func (org keys) canarySlots(id string) string    { return org.key("inc:" + id + ":places") }       // records that hold a slot of the canary: between prepare and send
func (org keys) canaryQueue(id string) string    { return org.key("inc:" + id + ":queue") }        // records that wait for a slot of the canary, by queuePriority
func (org keys) plan(id, plan string) string     { return org.key("inc:" + id + ":plan:" + plan) } // rows of a frozen plan, by delivery order
func (org keys) planRows(id, plan string) string { return org.plan(id, plan) + ":order" }          // its delivery orders in the order of the walk
func (org keys) approved(id string) string       { return org.key("inc:" + id + ":approved") }     // rows of approved plans, by delivery order
func (org keys) deviations(id string) string     { return org.key("inc:" + id + ":leftout") }      // approved, but not moved since something changed
func (org keys) name(name string) string         { return org.key("name:" + name) }
func (org keys) severity(s Severity) string      { return org.key("severity:" + string(s)) } // rows that wait for an operator, of all incidents
func (org keys) late() string                    { return org.key("late") }                  // DRAFT whose create was answered late: record id
func (org keys) due() string                     { return org.key("due") }                   // record id by when it must be driven again
func (org keys) open() string                    { return org.key("open") }                  // root: record id of its open reassignment
func (org keys) lineage() string                 { return org.key("lineage") }               // delivery order: root of its lineage
func (org keys) watch() string                   { return org.key("watch") }                 // delivery order: record id that its events concern
func (org keys) signalled() string               { return org.key("nudged") }                // records being driven for which an event came
func (org keys) locks() string                   { return org.key("locks") }                 // parent order: owner and end of its lease
func (org keys) pauses() string                  { return org.key("pause") }                 // scope: who paused it and when
func (org keys) paused() string                  { return org.key("paused") }                // pauses that are over
func (org keys) openIncidents() string           { return org.key("failing") }               // location: its open incident
func (org keys) sweepStatus() string             { return org.key("swept") }                 // what the last sweep did
func (org keys) cooldowns() string               { return org.key("cooling") }               // location: when its last incident was closed, and which
func (org keys) incidents() string               { return org.key("incidents") }             // incident id by opening time
func (org keys) generation() string              { return org.key("born") }                  // when this Redis first stored anything for the organization
func (org keys) dataLoss() string                { return org.key("forgot") }                // when the loss of the journal was last noticed
func (org keys) forecast() string                { return org.key("outlook") }               // the last forecast of all locations
func (org keys) audit() string                   { return org.key("audit") }
func (org keys) scanCursor() string              { return org.key("walked") } // cursor of the scan over the keys

// errored has the dates of the errored events of an integration, by date.
func (org keys) errored(integration string) string { return org.key("errored:" + integration) }
