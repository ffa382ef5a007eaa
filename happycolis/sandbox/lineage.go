package sandbox

import (
	"cmp"
	"slices"
)

// traceEntry notes what an act makes of a delivery order, whose state it is already.
func (r *replay) traceEntry(e Entry) {
	t := r.traceOf(e.DeliveryOrder)
	stood := t.wasStanding()
	t.claimLines(e)
	if stands := r.isStanding(e.DeliveryOrder); stands && !stood {
		t.since = e
	} else if stood && !stands {
		t.until = e
	}
	if t.begun.IsZero() && e.isBegun() {
		t.begun = e.At
	}
}

// isStanding reports whether a delivery order was sent and claims units: they are shipped from there, or may be.
func (r *replay) isStanding(id string) bool {
	s, known := r.state[id]
	return known && isSent(s) && sumUnits(r.traceOf(id).claims) > 0
}

// wasStanding reports whether a delivery order did so before an act that is being noted.
func (t *trace) wasStanding() bool { return t.since.Seq > t.until.Seq }

// claimLines notes the lines that a delivery order stands for after an act. Those of a cancel that is not confirmed stand
// for what they did before.
func (t *trace) claimLines(e Entry) {
	lines := slices.Clone(e.Lines)
	for i, l := range lines {
		was := slices.IndexFunc(t.claims, func(b Line) bool { return b.ID == l.ID })
		if e.Cancelling && l.Status == LineCanceled && was >= 0 {
			lines[i] = t.claims[was]
		}
	}
	t.claims = lines
	for _, l := range lines {
		t.peak[l.OrderLine] = max(t.peak[l.OrderLine], coversLine(lines, l.OrderLine))
	}
}

func (r *replay) claimsLine(id, orderLine string) int {
	return coversLine(r.traceOf(id).claims, orderLine)
}

func coversLine(lines []Line, orderLine string) int {
	n := 0
	for _, l := range lines {
		if l.OrderLine == orderLine {
			n += l.coveredUnits()
		}
	}
	return n
}

// isBegun reports whether the warehouse has its hands on the goods.
func (e Entry) isBegun() bool {
	return e.Shipments > 0 || (&delivery{DeliveryOrder: DeliveryOrder{Lines: e.Lines}}).isBegun()
}

// findReplaceable are the delivery orders of the order that what is created now may stand in for: they claimed as much of
// each line, and were sent, or are gone by the API.
func (r *replay) findReplaceable(created Entry) []string {
	var ids []string
	for _, order := range created.Orders {
		for _, id := range r.byOrder[order] {
			fits := !slices.ContainsFunc(created.Lines, func(l Line) bool { return r.traceOf(id).peak[l.OrderLine] < l.coveredUnits() })
			if fits && r.traceOf(id).since.Seq > 0 && (r.isStanding(id) || r.cancelSent[id] || r.made[id]) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// maxHops bounds a lineage; rows that name each other in a circle must not hold up the judge.
const maxHops = 20

// lineageRoot is the first delivery order of a lineage: what a replacement stands in for, by the rows; else that of which the
// platform dispatched the units anew; else, if there is but one that it can be, that. What the platform dispatched anew
// for one delivery order may be adopted for another with the same lines: the units of an order line are all alike.
func (r *replay) lineageRoot(id string) string { return r.rootWithin(id, maxHops) }

func (r *replay) rootWithin(id string, hops int) string {
	if hops == 0 {
		return id
	}
	t := r.traceOf(id)
	if len(t.originals) > 0 {
		return r.rootWithin(t.originals[0], hops-1)
	}
	if from := t.birth.Redispatched; from != "" {
		return r.rootWithin(from, hops-1)
	}
	root := ""
	for _, other := range t.likely {
		of := r.rootWithin(other, hops-1)
		if root != "" && of != root {
			return id
		}
		root = of
	}
	return cmp.Or(root, id)
}
