package sandbox

import (
	"slices"
	"time"
)

// replay is the state of the platform while the books are read from the first entry to the last.
type replay struct {
	b       Books
	rows    []Row
	ordered map[string]int
	readsOf map[string][]Read

	state       map[string]Entry
	integration map[string]string
	byOrder     map[string][]string
	byLine      map[string][]string

	// made: created by the API. cancelSent: the API requested its cancel. released: by order, the API requested the
	// cancel of something that it had not created. proceeded: a person had the worker proceed.
	made, cancelSent, released, proceeded map[string]bool

	held []heldLocation // for which operators answered
	now  time.Time      // when the entry that is read was made

	traces map[string]*trace
	// errorUntil is when the integration of a location left ERROR.
	errorUntil map[string]time.Time

	// wasStuck is when a delivery order was last in flight at a location in ERROR.
	wasStuck map[string]time.Time
	// scope holds the delivery orders, not made by the API, that ever were; demand is, by order
	// line, how many of their units must not get lost, and since the entry number in first.
	scope  map[string]bool
	demand map[string]int
	excuse map[string]int
	first  map[string]int
}

// trace is what the books show of one delivery order, besides its state.
type trace struct {
	birth Entry
	// claims are its lines as they were before a cancel that is not confirmed; peak is the most it ever claimed.
	claims []Line
	peak   unitsByLine
	// since is the act by which it became sent and live, until the one by which it no longer was.
	since, until Entry
	// asked: the API requested a cancel that was not rejected.
	asked bool
	// begun is when the warehouse began to handle its goods.
	begun time.Time
	// firstRead numbers the first read that showed it; 0: none.
	firstRead int
	// originals are the delivery orders that it replaces, according to rows; likely are, if the API created it, those
	// that it may replace.
	originals, likely []string
	// stake is what it covered when it came into the scope, waived is what others took away of it.
	stake, waived unitsByLine
}

// traceOf returns the trace of a delivery order.
func (r *replay) traceOf(id string) *trace {
	t := r.traces[id]
	if t == nil {
		t = &trace{peak: unitsByLine{}, stake: unitsByLine{}, waived: unitsByLine{}}
		r.traces[id] = t
	}
	return t
}

// unitsByLine are units by order line.
type unitsByLine map[string]int

func newReplay(b Books, rows []Row) *replay {
	r := &replay{
		b: b, rows: rows, ordered: map[string]int{}, readsOf: map[string][]Read{}, state: map[string]Entry{},
		integration: map[string]string{}, byOrder: map[string][]string{}, byLine: map[string][]string{},
		made: map[string]bool{}, cancelSent: map[string]bool{}, released: map[string]bool{}, proceeded: map[string]bool{},
		wasStuck: map[string]time.Time{}, scope: map[string]bool{}, demand: map[string]int{}, excuse: map[string]int{},
		first: map[string]int{}, traces: map[string]*trace{}, errorUntil: map[string]time.Time{},
	}
	for _, o := range b.Orders {
		for _, l := range o.Lines {
			r.ordered[l.ID] = l.Quantity
		}
	}
	for _, x := range b.Reads {
		if x.State == notFound {
			continue
		}
		key := x.Actor + x.Kind + x.ID
		r.readsOf[key] = append(r.readsOf[key], x)
		if t := r.traceOf(x.ID); t.firstRead == 0 {
			t.firstRead = x.Seq
		}
	}
	for _, row := range rows {
		if row.isReplacement() {
			t := r.traceOf(row.ReplacementID)
			t.originals = append(t.originals, row.DeliveryOrderID)
		}
	}
	return r
}

// isReplacement reports whether a row says that its replacement takes the place of its delivery order. In needs_person
// it may name a DRAFT of which the worker does not know who created it.
func (row Row) isReplacement() bool {
	doubtful := row.State == "needs_person" && (row.Reason == "over_allocated" || row.Reason == "unproven_draft")
	return row.ReplacementID != "" && row.DeliveryOrderID != "" && row.ReplacementID != row.DeliveryOrderID && !doubtful
}

// applyEntry updates the state by one entry.
func (r *replay) applyEntry(e Entry) {
	switch {
	case e.Operation == "integration":
		r.applyIntegration(e)
	case e.DeliveryOrder != "":
		r.applyDelivery(e)
	}
}

func (r *replay) applyIntegration(e Entry) {
	for id, s := range r.state {
		if s.Location == e.Location && r.isStuck(id) {
			r.wasStuck[id] = e.At
		}
	}
	if r.integration[e.Location] == IntegrationError && e.IntegrationState != IntegrationError {
		r.errorUntil[e.Location] = e.At
	}
	r.integration[e.Location] = e.IntegrationState
	for _, d := range r.b.DeliveryOrders {
		if r.isStuck(d.ID) {
			r.enroll(d.ID, e)
		}
	}
}

func (r *replay) applyDelivery(e Entry) {
	id := e.DeliveryOrder
	before, known := r.state[id]
	if r.isStuck(id) {
		r.wasStuck[id] = e.At
	}
	if !known {
		r.traceOf(id).birth = e
		r.made[id] = isOurs(e)
		if r.made[id] {
			r.traceOf(id).likely = r.findReplaceable(e)
		}
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
	if isOurs(e) && e.Operation == "deliveryOrderCancel" {
		r.cancelSent[id], r.traceOf(id).asked = true, true
		if !r.made[id] {
			for _, o := range e.Orders {
				r.released[o] = true
			}
		}
	}
	if e.Operation == "cancellation_rejected" {
		r.traceOf(id).asked = false
	}
	r.state[id] = e
	r.traceEntry(e)
	if known && e.Applied {
		r.excuseUnits(e, before)
	}
	if r.isStuck(id) {
		r.enroll(id, e)
	}
}

// isStuck reports whether a delivery order is in flight, now, at a location in ERROR or under an incident by hand.
func (r *replay) isStuck(id string) bool {
	s, known := r.state[id]
	return known && isInFlight(s.Status) && sumUnits(s.Lines) > 0 && (r.integration[s.Location] == IntegrationError || r.isHeld(s.Location, r.now))
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
		if r.isStuck(id) || r.made[id] && e.Operation != "deliveryOrderCreate" || r.wasRead(e, id) {
			return true
		}
		at, was := r.wasStuck[id]
		return was && e.Sent.Sub(at) <= Fresh
	})
}

// isSent reports whether a delivery order has left the DRAFT state behind, or was requested.
func isSent(e Entry) bool { return e.Status != Draft || e.Requested }
