package sandbox

import (
	"cmp"
	"fmt"
	"slices"
)

// enroll takes a stuck delivery order into the scope of "nothing lost". The demand on an order line
// is the most that such delivery orders covered at one time.
func (r *replay) enroll(id string, e Entry) {
	if r.made[id] || r.scope[id] || r.state[id].Shipments > 0 {
		return
	}
	r.scope[id] = true
	for _, l := range r.state[id].Lines {
		r.traceOf(id).stake[l.OrderLine] = r.coversLine(id, l.OrderLine)
		if _, known := r.first[l.OrderLine]; !known {
			r.first[l.OrderLine] = e.Seq
		}
		n := 0
		for _, other := range r.byLine[l.OrderLine] {
			if r.scope[other] {
				n += r.coversLine(other, l.OrderLine)
			}
		}
		r.demand[l.OrderLine] = max(r.demand[l.OrderLine], n)
	}
}

func (r *replay) coversLine(id, orderLine string) int {
	n := 0
	for _, l := range r.state[id].Lines {
		if l.OrderLine == orderLine {
			n += l.coveredUnits()
		}
	}
	return n
}

// excuseUnits notes units that others took away: cancelled by somebody else, rejected by a
// location where the worker had not sent them, or cut by an edit. Of what the worker or the platform
// made later, only so much is excused as is then missing.
func (r *replay) excuseUnits(e, before Entry) {
	if isOurs(e) || e.Operation == "cancel_confirmed" && r.traceOf(e.DeliveryOrder).asked {
		return
	}
	if r.made[e.DeliveryOrder] && e.Actor == byWarehouse {
		return
	}
	for _, l := range before.Lines {
		gone := l.coveredUnits() - r.coversLine(e.DeliveryOrder, l.OrderLine)
		later := r.traceOf(e.DeliveryOrder).birth.Seq > r.first[l.OrderLine] // as the platform's own re-dispatch
		if !r.scope[e.DeliveryOrder] {
			gone = min(gone, r.missingUnits(l.OrderLine, r.isUnsentDraft))
		}
		if !r.made[e.DeliveryOrder] && !r.scope[e.DeliveryOrder] && !later {
			continue
		}
		// What comes back (a cancellation rejected) is demanded again, as far as it was excused.
		waived := r.traceOf(e.DeliveryOrder).waived
		gone = max(gone, -waived[l.OrderLine])
		waived[l.OrderLine] += gone
		r.excuse[l.OrderLine] += gone
	}
}

// isUnsentDraft reports whether a delivery order is a DRAFT of the API's, which stands beside what it is to replace.
func (r *replay) isUnsentDraft(id string) bool { return r.made[id] && r.state[id].Status == Draft }

// missingUnits is how many demanded units of an order line are live nowhere, but for what does not count.
func (r *replay) missingUnits(orderLine string, but func(id string) bool) int {
	n := r.demand[orderLine] - r.excuse[orderLine]
	for _, id := range r.byLine[orderLine] {
		if !but(id) && (r.scope[id] || r.traceOf(id).birth.Seq > r.first[orderLine]) {
			n -= r.coversLine(id, orderLine)
		}
	}
	return max(0, n)
}

// findLost lists the order lines with missing units that no row puts before a person. A row speaks for what is missing of
// its own delivery order and of the replacements of that, and for nothing else.
func (r *replay) findLost() []Finding {
	found := []Finding{}
	for _, o := range r.b.Orders {
		for _, l := range o.Lines {
			n := r.missingUnits(l.ID, func(string) bool { return false })
			if n == 0 {
				continue
			}
			silent := ""
			for _, root := range r.rootsInScope(l.ID) {
				short := r.shortUnits(root, l.ID)
				if r.isNeedsPerson(root) {
					n -= short
				} else if short > 0 && silent == "" {
					silent = root
				}
			}
			if n > 0 {
				silent = cmp.Or(silent, r.rootsInScope(l.ID)[0])
				found = append(found, Finding{silent, fmt.Sprintf("%d units of order line %s are live nowhere, and no row asks a person", n, l.ID)})
			}
		}
	}
	return found
}

// rootsInScope are the first ones of the lineages of which units of an order line must not get lost.
func (r *replay) rootsInScope(orderLine string) []string {
	var roots []string
	for _, id := range r.byLine[orderLine] {
		if root := r.lineageRoot(id); r.scope[id] && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

// shortUnits is how many units of an order line a lineage had at stake and does not cover, others not having taken them.
func (r *replay) shortUnits(root, orderLine string) int {
	stake, n := 0, 0
	for _, id := range r.byLine[orderLine] {
		if r.lineageRoot(id) == root {
			stake = max(stake, r.traceOf(id).stake[orderLine])
			n += r.coversLine(id, orderLine) + r.traceOf(id).waived[orderLine]
		}
	}
	return max(0, stake-n)
}

// isNeedsPerson reports whether a row has a delivery order, or one of its replacements, in needs_person.
func (r *replay) isNeedsPerson(root string) bool {
	return slices.ContainsFunc(r.rows, func(row Row) bool {
		return (row.State == "needs_person" || row.State == "left" && row.Reason == "by_person") && r.lineageRoot(row.DeliveryOrderID) == root
	})
}
