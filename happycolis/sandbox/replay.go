package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// replay is the state of the world while the books are read from the first entry to the last.
type replay struct {
	b       Books
	ordered map[string]int
	readsOf map[string][]Read

	state       map[string]Entry
	integration map[string]string
	byOrder     map[string][]string
	byLine      map[string][]string

	// made: created by the API. cancelSent: the API asked to cancel it. released: by order, the API
	// asked to cancel something it had not made. proceeded: a person said to go on.
	made, cancelSent, released, proceeded map[string]bool

	// wasStuck is when a delivery order was last in flight at a location in ERROR.
	wasStuck map[string]time.Time
	// scope holds the delivery orders, not made by the API, that ever were; demand is, by order
	// line, how many of their units must not get lost, and since the entry number in first.
	scope  map[string]bool
	demand map[string]int
	excuse map[string]int
	first  map[string]int
	birth  map[string]int
}

func newReplay(b Books) *replay {
	r := &replay{
		b: b, ordered: map[string]int{}, readsOf: map[string][]Read{}, state: map[string]Entry{},
		integration: map[string]string{}, byOrder: map[string][]string{}, byLine: map[string][]string{},
		made: map[string]bool{}, cancelSent: map[string]bool{}, released: map[string]bool{}, proceeded: map[string]bool{},
		wasStuck: map[string]time.Time{}, scope: map[string]bool{}, demand: map[string]int{}, excuse: map[string]int{},
		first: map[string]int{}, birth: map[string]int{},
	}
	for _, o := range b.Orders {
		for _, l := range o.Lines {
			r.ordered[l.ID] = l.Quantity
		}
	}
	for _, x := range b.Reads {
		key := x.Actor + x.Kind + x.ID
		r.readsOf[key] = append(r.readsOf[key], x)
	}
	return r
}

// step takes one entry into the state.
func (r *replay) step(e Entry) {
	switch {
	case e.Operation == "integration":
		r.stepIntegration(e)
	case e.DeliveryOrder != "":
		r.stepDelivery(e)
	}
}

func (r *replay) stepIntegration(e Entry) {
	for id, s := range r.state {
		if s.Location == e.Location && r.stuck(id) {
			r.wasStuck[id] = e.At
		}
	}
	r.integration[e.Location] = e.IntegrationState
	for _, d := range r.b.DeliveryOrders {
		if r.stuck(d.ID) {
			r.enroll(d.ID, e)
		}
	}
}

func (r *replay) stepDelivery(e Entry) {
	id := e.DeliveryOrder
	before, known := r.state[id]
	if r.stuck(id) {
		r.wasStuck[id] = e.At
	}
	if !known {
		r.birth[id] = e.Seq
		r.made[id] = ours(e)
		for _, o := range e.Orders {
			r.byOrder[o] = append(r.byOrder[o], id)
		}
	}
	for _, l := range e.Lines {
		if !slices.Contains(r.byLine[l.OrderLine], id) {
			r.byLine[l.OrderLine] = append(r.byLine[l.OrderLine], id)
		}
	}
	if e.Operation == "proceed" {
		r.proceeded[id] = true
	}
	if ours(e) && e.Operation == "deliveryOrderCancel" {
		r.cancelSent[id] = true
		if !r.made[id] {
			for _, o := range e.Orders {
				r.released[o] = true
			}
		}
	}
	r.state[id] = e
	if known && e.Applied {
		r.excuseUnits(e, before)
	}
	if r.stuck(id) {
		r.enroll(id, e)
	}
}

// stuck reports whether a delivery order is in flight at a location in ERROR now.
func (r *replay) stuck(id string) bool {
	s, known := r.state[id]
	return known && inFlight(s.Status) && units(s.Lines) > 0 && r.integration[s.Location] == IntegrationError
}

// enroll takes a stuck delivery order into the scope of "nothing lost". The demand on an order line
// is the most that such delivery orders covered at one time.
func (r *replay) enroll(id string, e Entry) {
	if r.made[id] || r.scope[id] || r.state[id].Shipments > 0 {
		return
	}
	r.scope[id] = true
	for _, l := range r.state[id].Lines {
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
			n += l.covers()
		}
	}
	return n
}

// excuseUnits notes units that others took away: cancelled by somebody else, rejected by a
// location where the worker had not sent them, or cut by an edit. Of what the worker or the platform
// made later, only so much is excused as is then missing.
func (r *replay) excuseUnits(e, before Entry) {
	if ours(e) || e.Operation == "cancel_confirmed" && r.cancelSent[e.DeliveryOrder] {
		return
	}
	if r.made[e.DeliveryOrder] && e.Actor == byWarehouse {
		return
	}
	for _, l := range before.Lines {
		gone := l.covers() - r.coversLine(e.DeliveryOrder, l.OrderLine)
		later := r.birth[e.DeliveryOrder] > r.first[l.OrderLine] // as the platform's own re-dispatch
		if !r.scope[e.DeliveryOrder] {
			gone = min(gone, r.missing(l.OrderLine))
		}
		if !r.made[e.DeliveryOrder] && !r.scope[e.DeliveryOrder] && !later {
			continue
		}
		// What comes back (a cancellation rejected) is demanded again.
		r.excuse[l.OrderLine] = max(0, r.excuse[l.OrderLine]+gone)
	}
}

// missing is how many demanded units of an order line are live nowhere.
func (r *replay) missing(orderLine string) int {
	n := r.demand[orderLine] - r.excuse[orderLine]
	for _, id := range r.byLine[orderLine] {
		if r.scope[id] || r.birth[id] > r.first[orderLine] {
			n -= r.coversLine(id, orderLine)
		}
	}
	return max(0, n)
}

// mayTouch reports whether a change of the API was on what it made, or on what was stuck, or was shown
// so by a read, at most Fresh before the request; a create, on an order with such a delivery order or a release behind.
func (r *replay) mayTouch(e Entry) bool {
	ids := []string{e.DeliveryOrder}
	if e.Operation == "deliveryOrderCreate" {
		ids = nil
		for _, o := range e.Orders {
			if r.released[o] {
				return true
			}
			ids = append(ids, r.byOrder[o]...)
		}
	}
	return slices.ContainsFunc(ids, func(id string) bool {
		if r.stuck(id) || r.made[id] && e.Operation != "deliveryOrderCreate" || r.read(e, id) {
			return true
		}
		at, was := r.wasStuck[id]
		return was && e.Sent.Sub(at) <= Fresh
	})
}

// doubled looks, after an act of the API that sends, for an order line that more units were sent of
// than were ordered.
func (r *replay) doubled(e Entry) (line string, n, of int) {
	if !sent(e) || e.Operation == "deliveryOrderCancel" {
		return "", 0, 0
	}
	for _, l := range e.Lines {
		if l.covers() == 0 || r.proceeded[e.DeliveryOrder] {
			continue
		}
		n = 0
		for _, id := range r.byLine[l.OrderLine] {
			if sent(r.state[id]) && !r.proceeded[id] {
				n += r.coversLine(id, l.OrderLine)
			}
		}
		if of, known := r.ordered[l.OrderLine]; known && n > of {
			return l.OrderLine, n, of
		}
	}
	return "", 0, 0
}

// sent reports whether a delivery order has left the DRAFT state behind, or was requested.
func sent(e Entry) bool { return e.Status != Draft || e.Requested }

// lost lists the order lines with missing units that no row puts before a person.
func (r *replay) lost(rows []Row) []Finding {
	found := []Finding{}
	asked := map[string]bool{}
	for _, row := range rows {
		if row.State == "needs_person" || row.State == "left" && row.Reason == "by_person" {
			asked[row.DeliveryOrderID], asked[row.ReplacementID] = true, true
		}
	}
	for _, o := range r.b.Orders {
		for _, l := range o.Lines {
			n := r.missing(l.ID)
			ids := r.byLine[l.ID]
			if n == 0 || slices.ContainsFunc(ids, func(id string) bool { return asked[id] }) {
				continue
			}
			i := slices.IndexFunc(ids, func(id string) bool { return r.scope[id] })
			found = append(found, Finding{ids[i], fmt.Sprintf("%d units of order line %s are live nowhere, and no row asks a person", n, l.ID)})
		}
	}
	return found
}
