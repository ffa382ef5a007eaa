package sandbox

import "time"

// cancel asks for the whole delivery order to be cancelled. By default that is done at once.
func (p *Platform) cancel(a act, d *delivery) string {
	s := subjectOf(d)
	switch {
	case d.has(EventCanceled) && !d.live():
		return p.refuse(a, d, "already cancelled")
	case d.Status == Completed || d.begun():
		return p.refuse(a, d, "past the point of cancelling")
	case p.mood(CancelRefused, s) != nil:
		return p.refuse(a, d, "refused")
	case d.cancelling:
		p.enter(a, d, d, true)
		return ""
	}
	if d.Status == Draft {
		p.confirmCancel(a, d)
		return ""
	}
	if m := p.mood(CancelTakenBack, s); m != nil {
		p.cancelThenTakeBack(a, d, m)
		return ""
	}
	if m := p.mood(CancelAsync, s); m != nil {
		p.awaitCancel(a, d)
		if m.ShowCanceled {
			p.change(a, d, d.cancelLines)
		}
		p.later(m.After, func() { p.settleCancel(d) })
		return ""
	}
	if m := p.mood(CancelByLocation, s); m != nil {
		p.awaitCancel(a, d)
		p.later(m.After, func() { p.settleByLocation(d, m.After) })
		return ""
	}
	if p.mood(CancelSilent, s) != nil {
		p.awaitCancel(a, d)
		return ""
	}
	p.confirmCancel(a, d)
	return ""
}

// awaitCancel books an accepted cancel that has no effect yet.
func (p *Platform) awaitCancel(a act, d *delivery) {
	d.cancelling = true
	p.enter(a, d, d, true)
}

// settleCancel ends an asynchronous cancel: confirmed, or rejected when the goods were touched in
// the meantime.
func (p *Platform) settleCancel(d *delivery) {
	if !d.cancelling {
		return
	}
	if d.begun() || d.Status == Completed {
		p.rejectCancel(d, d.copy())
		return
	}
	p.confirmCancel(act{actor: byPlatform, operation: "cancel_confirmed"}, d)
}

// settleByLocation is settleCancel by the location itself, which cannot speak while its
// integration is down.
func (p *Platform) settleByLocation(d *delivery, after time.Duration) {
	if l := p.locations[d.Location]; l.Type == Warehouse && l.IntegrationState != IntegrationActive {
		p.whenActive(l.ID, func() { p.later(after, func() { p.settleByLocation(d, after) }) })
		return
	}
	p.settleCancel(d)
}

// confirmCancel shows the lines CANCELED, appends the event, and completes (assumed) the delivery
// order. Rejected lines stay rejected.
func (p *Platform) confirmCancel(a act, d *delivery) {
	draft := d.Status == Draft
	p.showCanceled(a, d)
	if !draft {
		p.afterCancel(d)
	}
}

func (p *Platform) showCanceled(a act, d *delivery) {
	keep := p.mood(CancelKeepsStatus, subjectOf(d)) != nil
	p.change(a, d, func() {
		d.cancelling = false
		d.cancelLines()
		d.history = append(d.history, p.event(EventCanceled))
		if !keep {
			d.Status = Completed
		}
	}, "delivery_order/cancelled")
}

// cancelLines cancels what was not rejected.
func (d *delivery) cancelLines() {
	for i := range d.Lines {
		if d.Lines[i].Status != LineRejected {
			d.Lines[i].Status = LineCanceled
		}
	}
}

func (p *Platform) cancelThenTakeBack(a act, d *delivery, m *Mood) {
	before := d.copy()
	if m.ShowCanceled {
		p.showCanceled(a, d)
	} else {
		p.awaitCancel(a, d)
	}
	p.later(m.After, func() { p.rejectCancel(d, before) })
}

// rejectCancel brings a delivery order back to what it was: the location refused to cancel.
func (p *Platform) rejectCancel(d, before *delivery) {
	p.change(act{actor: byPlatform, operation: "cancellation_rejected"}, d, func() {
		d.cancelling = false
		d.Status, d.Lines = before.Status, before.Lines
		d.history = append(d.history[:0:0], before.history...)
	}, "delivery_order/cancellation_rejected")
}

// afterCancel is what the platform does by itself once a delivery order is gone.
func (p *Platform) afterCancel(d *delivery) {
	for _, id := range d.Orders {
		o := p.orders[id]
		s := subject{location: d.Location, delivery: d.ID, orders: []string{id}}
		if o.Dispatching == Automatic {
			if m := p.mood(Redispatch, s); m != nil && p.locations[m.To] != nil {
				p.later(m.After, func() { p.redispatch(d, o, m) })
			}
		}
		if !p.anySent(id) && p.mood(CompleteOrder, s) != nil {
			p.setOrderState(o, Completed)
		}
	}
}

// anySent reports whether an order has a delivery order that is neither DRAFT nor cancelled.
func (p *Platform) anySent(orderID string) bool {
	for _, id := range p.byOrder[orderID] {
		if d := p.deliveries[id]; d.Status != Draft && d.live() {
			return true
		}
	}
	return false
}

// redispatch sends the units of a cancelled delivery order anew, as the platform's own decision.
func (p *Platform) redispatch(from *delivery, o *order, m *Mood) {
	a := act{actor: byPlatform, operation: "redispatch"}
	var lines []Line
	for _, l := range from.Lines {
		for _, ol := range o.Lines {
			if l.OrderLine == ol.ID && l.Status == LineCanceled {
				lines = append(lines, Line{OrderLine: l.OrderLine, SKU: l.SKU, Quantity: l.Quantity})
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	d := p.create(a, o, m.To, from.Priority, lines)
	if !m.AsDraft {
		p.request(a, d, true)
	}
}
