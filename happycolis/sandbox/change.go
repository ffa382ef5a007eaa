package sandbox

import (
	"slices"
	"time"
)

// act is who does what, for the books. For a request of the API, sent and seq tell when it arrived;
// it may be applied later.
type act struct {
	actor, operation string
	sent             time.Time
	seq              int
	lost             bool
	redispatched     string
}

const (
	byPerson    = "person"
	byPlatform  = "platform"
	byWarehouse = "warehouse"
)

// changeDelivery is the one way in which a delivery order changes: it keeps the state before for stale
// reads, writes the books, and announces, delivery_order/updated last: that one is sent on every
// change (documented).
func (p *Platform) changeDelivery(a act, d *delivery, apply func(), kinds ...string) {
	before := d.copy()
	apply()
	d.prev = before
	p.recordAct(a, d, before, true)
	for _, kind := range append(kinds, "delivery_order/updated") {
		p.announceDelivery(kind, d)
	}
	p.reserve(before, d)
}

// recordRefusal writes an act into the books that changed nothing, and hands its reason on.
func (p *Platform) recordRefusal(a act, d *delivery, reason string) string {
	p.recordAct(a, d, d, false)
	return reason
}

// newEvent makes a fulfilment event of a delivery order, dated now unless a fault has it otherwise. Its message is a free
// text (documented) that nobody may repeat.
func (p *Platform) newEvent(d *delivery, kind string) event {
	e := event{Type: kind, Level: "NORMAL", Message: CanaryText + kind, Date: p.currentTime()}
	if kind == EventRejected {
		e.Level = "ERROR"
	}
	s := subjectOf(d)
	if m := p.useFault(EventClock, s); m != nil {
		e.Date = e.Date.Add(m.After)
	}
	if len(d.history) > 0 && p.useFault(EventSameDate, s) != nil {
		e.Date = d.history[0].Date
	}
	if p.useFault(EventUndated, s) != nil {
		e.Date = time.Time{}
	}
	return e
}

// updateDraft changes location, lines or priority of a DRAFT (documented: only there).
func (p *Platform) updateDraft(a act, d *delivery, to string, lines []Line, priority string) string {
	if d.Status != Draft {
		return p.recordRefusal(a, d, "only a DRAFT may be edited")
	}
	if l := p.locations[to]; to != "" && (l == nil || l.Organization != d.organization) {
		return p.recordRefusal(a, d, "unknown location")
	}
	p.changeDelivery(a, d, func() {
		if to != "" {
			d.Location = to
		}
		if lines != nil {
			d.Lines = lines
		}
		if priority != "" {
			d.Priority = priority
		}
	})
	return ""
}

// openDraft takes a DRAFT to PENDING (documented).
func (p *Platform) openDraft(a act, d *delivery) string {
	if d.Status != Draft || !d.isLive() {
		return p.recordRefusal(a, d, "not a DRAFT")
	}
	if reason := p.haltReason(d); reason != "" {
		return p.recordRefusal(a, d, reason)
	}
	p.changeDelivery(a, d, func() {
		d.Status = Pending
		d.setLines(LineNew, LinePending)
	}, "delivery_order/pending")
	return ""
}

// requestFulfilment sends a delivery order to its location. A location that is not active, or does not
// accept yet, is refused (documented for inactive, assumed for the date). One whose integration is
// in ERROR takes the request and stays silent.
func (p *Platform) requestFulfilment(a act, d *delivery, draftAllowed bool) string {
	l := p.locations[d.Location]
	switch {
	case d.Status == Draft && !draftAllowed:
		return p.recordRefusal(a, d, "still a DRAFT")
	case d.Status != Pending && d.Status != Draft || !d.isLive():
		return p.recordRefusal(a, d, "not PENDING")
	case d.has(EventRequested):
		return p.recordRefusal(a, d, "already requested")
	case !l.Active || l.AcceptFulfillmentAt.After(p.currentTime()):
		return p.recordRefusal(a, d, "the location takes no requests")
	}
	if reason := p.haltReason(d); reason != "" {
		return p.recordRefusal(a, d, reason)
	}
	p.changeDelivery(a, d, func() {
		d.Status = Pending
		d.setLines(LineNew, LinePending)
		d.history = append(d.history, p.newEvent(d, EventRequested))
		d.answered = false
	})
	p.expectAnswer(d)
	return ""
}

// haltReason tells why a delivery order of these orders is not sent: on hold, or not open (assumed).
func (p *Platform) haltReason(d *delivery) string {
	for _, id := range d.Orders {
		if o := p.orders[id]; o.held {
			return "the order is on hold"
		} else if o.State != Opened {
			return "the order is not open"
		}
	}
	return ""
}

func (d *delivery) setLines(from, to string) {
	for i := range d.Lines {
		if d.Lines[i].Status == from {
			d.Lines[i].Status = to
		}
	}
}

// createDraft makes a DRAFT of lines that were checked before.
func (p *Platform) createDraft(a act, o *order, locationID, priority string, lines []Line) *delivery {
	d := &delivery{
		DeliveryOrder: DeliveryOrder{
			ID: p.newID(), Number: o.Number, Location: locationID, Orders: []string{o.ID},
			Status: Draft, Priority: priority, Lines: lines,
		},
		organization: o.Organization, issued: p.currentTime(),
	}
	for i := range d.Lines {
		d.Lines[i].ID, d.Lines[i].Status = p.newID(), LineNew
	}
	p.store(d)
	p.recordAct(a, d, nil, true)
	p.announceDelivery("delivery_order/created", d)
	return d
}

// sumCovered sums the units of an order line in all delivery orders of its order that are neither
// cancelled nor rejected, leaving out one.
func (p *Platform) sumCovered(o *order, orderLine string, except *delivery) int {
	n := 0
	for _, id := range p.byOrder[o.ID] {
		if d := p.deliveries[id]; d != except {
			for _, l := range d.Lines {
				if l.OrderLine == orderLine && l.Status != LineCanceled && l.Status != LineRejected {
					n += l.Quantity
				}
			}
		}
	}
	return n
}

// SetOrderState changes a parent order: DRAFT, OPENED or COMPLETED.
func (p *Platform) SetOrderState(id, state string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.orders[id]; o != nil {
		p.setOrderState(o, state)
	}
}

func (p *Platform) setOrderState(o *order, state string) {
	o.prev = &order{Order: o.Order, held: o.held}
	o.State = state
	p.recordOrderAct(act{actor: byPlatform, operation: "order_state"}, o)
}

// HoldOrder puts a parent order on hold: its delivery orders are not sent (documented). Nothing that
// can be read shows it.
func (p *Platform) HoldOrder(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.orders[id]; o != nil {
		p.holdOrder(act{actor: byPerson, operation: "orderHold"}, o)
	}
}

func (p *Platform) holdOrder(a act, o *order) {
	o.held = true
	p.recordOrderAct(a, o)
}

// draftsOf lists the DRAFTs of an order, oldest first.
func (p *Platform) draftsOf(orderID string) []*delivery {
	var drafts []*delivery
	for _, id := range slices.Clone(p.byOrder[orderID]) {
		if d := p.deliveries[id]; d.Status == Draft && d.isLive() {
			drafts = append(drafts, d)
		}
	}
	return drafts
}
