package sandbox

import (
	"cmp"
	"slices"
)

// trace notes what an act makes of a delivery order, whose state it is already.
func (r *replay) trace(e Entry) {
	t := r.of(e.DeliveryOrder)
	stood := t.stood()
	t.claim(e)
	if stands := r.stands(e.DeliveryOrder); stands && !stood {
		t.since = e
	} else if stood && !stands {
		t.until = e
	}
	if t.begun.IsZero() && e.begun() {
		t.begun = e.At
	}
}

// stands reports whether a delivery order was sent and claims units: they are shipped from there, or may be.
func (r *replay) stands(id string) bool {
	s, known := r.state[id]
	return known && sent(s) && units(r.of(id).claims) > 0
}

// stood reports whether a delivery order did so before an act that is being noted.
func (t *trace) stood() bool { return t.since.Seq > t.until.Seq }

// claim notes the lines that a delivery order stands for after an act. Those of a cancel that is not confirmed stand
// for what they did before.
func (t *trace) claim(e Entry) {
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

func (r *replay) claimsLine(id, orderLine string) int { return coversLine(r.of(id).claims, orderLine) }

func coversLine(lines []Line, orderLine string) int {
	n := 0
	for _, l := range lines {
		if l.OrderLine == orderLine {
			n += l.covers()
		}
	}
	return n
}

// begun reports whether the warehouse has its hands on the goods.
func (e Entry) begun() bool {
	return e.Shipments > 0 || (&delivery{DeliveryOrder: DeliveryOrder{Lines: e.Lines}}).begun()
}

// replaceable are the delivery orders of the order that what is created now may stand in for: they claimed as much of
// each line, and were sent, or are gone by the API.
func (r *replay) replaceable(created Entry) []string {
	var ids []string
	for _, order := range created.Orders {
		for _, id := range r.byOrder[order] {
			fits := !slices.ContainsFunc(created.Lines, func(l Line) bool { return r.of(id).peak[l.OrderLine] < l.covers() })
			if fits && r.of(id).since.Seq > 0 && (r.stands(id) || r.cancelSent[id] || r.made[id]) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// maxHops bounds a lineage; rows that name each other in a circle must not hold up the judge.
const maxHops = 20

// root is the first delivery order of a lineage: what a replacement stands in for, by the rows or, where they do not
// say, if there is but one that it can be; and that of which the platform dispatched the units anew.
func (r *replay) root(id string) string { return r.rootWithin(id, maxHops) }

func (r *replay) rootWithin(id string, hops int) string {
	if hops == 0 {
		return id
	}
	t := r.of(id)
	if from := t.birth.Redispatched; from != "" {
		return r.rootWithin(from, hops-1)
	}
	if len(t.originals) > 0 {
		return r.rootWithin(t.originals[0], hops-1)
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
