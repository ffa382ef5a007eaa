package main

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"happycolis-reassigner/worker/desk"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
)

// printIndex tells what the index knew when the incident was observed last.
func (c *cli) printIndex(d desk.IncidentDetail) {
	index := d.Record.Index
	c.stdout.printf("Index: %s known", plural(index.Known, "delivery order"))
	if d.IndexSince != nil {
		c.stdout.printf(", listening since %s", forPeople(*d.IndexSince))
	}
	if !index.Last.IsZero() {
		c.stdout.printf(", last webhook of %s", forPeople(index.Last))
	}
	if !index.Imported.IsZero() {
		c.stdout.printf(", imported %s", forPeople(index.Imported))
	}
	c.stdout.println(".")
	for _, g := range index.Gaps {
		if g.To.IsZero() {
			c.stdout.printf("Webhooks come late: it is behind since %s.\n", forPeople(g.From))
		} else {
			c.stdout.printf("Webhooks came late from %s to %s: the receiver was down or the queue was blocked.\n", forPeople(g.From), forPeople(g.To))
		}
	}
	if d.IndexIncomplete {
		c.stdout.println("index_incomplete: there may be delivery orders that it does not know. Import them (reassigner import).")
	}
}

// printInTheAir lists what was released and is not at rest: it is finished whatever holds the incident.
func (c *cli) printInTheAir(u desk.UnderWay) {
	if u.Released == 0 {
		return
	}
	c.stdout.printf("\nStill in the air, and finished in any case: %s\n", plural(u.Released, "delivery order"))
	t := orderTable()
	for _, row := range u.InTheAir {
		addOrder(t, row.Order, string(row.State))
	}
	c.printTo(t)
	if more := u.Released - len(u.InTheAir); more > 0 {
		c.stdout.printf("and %d more\n", more)
	}
}

// printHolds says what holds an incident back, and for each gate what lifts it.
func (c *cli) printHolds(d desk.IncidentDetail) {
	if d.State != journal.Blocked && d.State != journal.AwaitingApproval {
		return
	}
	for _, h := range incident.Holds(d.Record, d.Record.Gates) {
		c.stdout.printf("\nIt is held by %s.\n", h.Explain())
	}
}

func (c *cli) printWaivers(waivers []journal.Waiver) {
	for _, w := range waivers {
		c.stdout.printf("\n%s was waived by %s at %s: %s\n", w.Gate, w.By, forPeople(w.At), w.Reason)
	}
}

// printReport says what became of the delivery orders of an incident that ended.
func (c *cli) printReport(d desk.IncidentDetail) {
	r := d.Record.Report
	if r == nil {
		return
	}
	c.stdout.print("\nREPORT\n")
	if r.Nothing() {
		c.stdout.println("No delivery order was found.")
	}
	t := &table{head: []string{"WHAT", "ORDERS", "WHERE, WHY"}}
	for _, to := range slices.Sorted(maps.Keys(r.Targets)) {
		t.add("moved", strconv.Itoa(r.Targets[to]), to)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.NeedsPerson)) {
		t.add("needs a person", strconv.Itoa(r.NeedsPerson[reason]), string(reason)+": "+reason.Meaning())
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Left)) {
		t.add("left", strconv.Itoa(r.Left[reason]), string(reason)+": "+reason.Meaning())
	}
	if r.UnderWay > 0 {
		t.add("under way", strconv.Itoa(r.UnderWay), "released before it ended")
	}
	if len(t.rows) > 0 {
		c.printTo(t)
	}
	if r.Moved > 0 {
		c.stdout.printf("The first was moved after %s, the last after %s; the longest waited %s.\n",
			after(d.OpenedAt, r.FirstAt), after(d.OpenedAt, r.LastAt), time.Duration(r.LongestWait)*time.Second)
	}
	c.stdout.printf("%s to the platform.\n", plural(r.Requests, "request"))
	if r.IndexShort {
		c.stdout.println("The index was incomplete: there may have been delivery orders that it does not know.")
	}
}

func after(from, to time.Time) time.Duration { return to.Sub(from).Round(time.Second) }
