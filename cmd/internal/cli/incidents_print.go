package cli

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/wording"
)

// printIndex prints how complete the index was at the last observation of the incident.
func (c *cli) printIndex(d api.IncidentDetail) {
	index := d.Record.Index
	c.stdout.Printf("Index: %s known", terminal.Plural(index.Known, "delivery order"))
	if d.IndexSince != nil {
		c.stdout.Printf(", listening since %s", c.localTime(*d.IndexSince))
	}
	if !index.Last.IsZero() {
		c.stdout.Printf(", last webhook of %s", c.localTime(index.Last))
	}
	if !index.Imported.IsZero() {
		c.stdout.Printf(", imported %s", c.localTime(index.Imported))
	}
	c.stdout.Println(".")
	for _, g := range index.Gaps {
		if g.To.IsZero() {
			c.stdout.Printf("Webhooks come late: it is behind since %s.\n", c.localTime(g.From))
		} else {
			c.stdout.Printf("Webhooks came late from %s to %s: the receiver was down or the queue was blocked.\n", c.localTime(g.From), c.localTime(g.To))
		}
	}
	if d.IndexIncomplete {
		c.stdout.Println("index_incomplete: there may be delivery orders that it does not know. A list of orders completes it: reassigner import FILE.")
	}
}

// printInTheAir prints what is released and not at rest: it is finished whatever the incident's state.
func (c *cli) printInTheAir(u api.InProgress) {
	if u.Released == 0 {
		return
	}
	c.stdout.Printf("\nStill in the air, and finished in any case: %s\n", terminal.Plural(u.Released, "delivery order"))
	t := orderTable()
	for _, row := range u.InDoubt {
		addOrder(t, row.Order, string(row.State))
	}
	c.printTo(t)
	if more := u.Released - len(u.InDoubt); more > 0 {
		c.stdout.Printf("and %d more\n", more)
	}
}

// printHolds prints which gates hold an incident back, and for each what lifts it.
func (c *cli) printHolds(d api.IncidentDetail) {
	if d.State != api.Blocked && d.State != api.AwaitingApproval {
		return
	}
	for _, h := range incident.Holds(d.IncidentID, d.Record.Gates) {
		c.stdout.Printf("\nIt is held by %s.\n", wording.ReplaceTimes(h.Explain(), c.localTime))
	}
}

func (c *cli) printWaivers(waivers []api.Waiver) {
	for _, w := range waivers {
		c.stdout.Printf("\n%s was waived by %s at %s: %s\n", w.Gate, w.By, c.localTime(w.At), w.Reason)
	}
}

// printReport prints what happened to the delivery orders of an incident that has ended.
func (c *cli) printReport(d api.IncidentDetail) {
	r := d.Record.Report
	if r == nil {
		return
	}
	c.stdout.Print("\nREPORT\n")
	if r.IsEmpty() {
		c.stdout.Println("No delivery order was found.")
	}
	t := &terminal.Table{Head: []string{"WHAT", "ORDERS", "WHERE, WHY"}}
	for _, to := range slices.Sorted(maps.Keys(r.Targets)) {
		t.Add("moved", strconv.Itoa(r.Targets[to]), to)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.NeedsPerson)) {
		t.Add("needs a person", strconv.Itoa(r.NeedsPerson[reason]), string(reason)+": "+reason.Meaning())
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Left)) {
		t.Add("left", strconv.Itoa(r.Left[reason]), string(reason)+": "+reason.Meaning())
	}
	if r.InProgress > 0 {
		t.Add("under way", strconv.Itoa(r.InProgress), "released before it ended")
	}
	if len(t.Rows) > 0 {
		c.printTo(t)
	}
	if r.Moved > 0 {
		c.stdout.Printf("The first was moved after %s, the last after %s; the longest waited %s.\n",
			timeSince(d.OpenedAt, r.FirstAt), timeSince(d.OpenedAt, r.LastAt), time.Duration(r.LongestWait)*time.Second)
	}
	c.stdout.Printf("%s to the platform.\n", terminal.Plural(r.Requests, "request"))
	if r.IndexIncomplete {
		c.stdout.Println("The index was incomplete: there may have been delivery orders that it does not know.")
	}
}

func timeSince(from, to time.Time) time.Duration { return to.Sub(from).Round(time.Second) }
