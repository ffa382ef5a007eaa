package sandbox

import (
	"slices"
	"time"
)

// Cancellation says how a cancel goes on that was accepted: After later it is confirmed.
type Cancellation struct {
	// ShowCanceled shows the lines CANCELED at once, EventAtOnce appends the CANCELED event at once; what is false
	// comes with the confirmation.
	ShowCanceled, EventAtOnce bool
	After                     time.Duration
	// Rejected has it rejected instead. Hangs does neither: ConfirmCancel and RejectCancel end it.
	Rejected, Hangs bool
}

// cancelDelivery asks for the whole delivery order to be cancelled. By default that is done at once.
func (p *Platform) cancelDelivery(a act, d *delivery) string {
	s := subjectOf(d)
	switch {
	case !d.cancelling && d.has(EventCanceled) && !d.isLive():
		return p.recordRefusal(a, d, "already cancelled")
	case d.Status == Completed || d.isBegun():
		return p.recordRefusal(a, d, "past the point of cancelling")
	case p.useFault(CancelRefused, s) != nil:
		return p.recordRefusal(a, d, "refused")
	case d.cancelling:
		p.recordAct(a, d, d, true)
		return ""
	}
	if d.Status == Draft {
		p.confirmCancel(a, d)
		return ""
	}
	if m := p.useFault(CancelTakenBack, s); m != nil {
		p.cancelThenTakeBack(a, d, m)
		return ""
	}
	if m := p.useFault(CancelAsync, s); m != nil {
		p.awaitCancel(a, d, m.cancellation())
		return ""
	}
	if m := p.useFault(CancelByLocation, s); m != nil {
		p.awaitCancel(a, d, m.hangingCancellation())
		asked := d.cancels
		p.schedule(m.After, func() { p.settleByLocation(d, asked, m.After) })
		return ""
	}
	if m := p.useFault(CancelSilent, s); m != nil {
		p.awaitCancel(a, d, m.hangingCancellation())
		return ""
	}
	p.confirmCancel(a, d)
	return ""
}

func (m *Fault) cancellation() Cancellation {
	return Cancellation{ShowCanceled: m.ShowCanceled, EventAtOnce: m.EventAtOnce, After: m.After, Rejected: m.Rejected}
}

func (m *Fault) hangingCancellation() Cancellation {
	return Cancellation{ShowCanceled: m.ShowCanceled, EventAtOnce: m.EventAtOnce, Hangs: true}
}

// awaitCancel books an accepted cancel that is not confirmed yet.
func (p *Platform) awaitCancel(a act, d *delivery, how Cancellation) {
	d.beginCancel()
	d.cancelling = true
	p.recordAct(a, d, d, true)
	if how.ShowCanceled || how.EventAtOnce {
		p.changeDelivery(a, d, func() {
			if how.ShowCanceled {
				d.cancelLines()
			}
			if how.EventAtOnce {
				d.history = append(d.history, p.newEvent(d, EventCanceled))
			}
		})
	}
	if how.Hangs {
		return
	}
	asked := d.cancels
	p.schedule(how.After, func() {
		switch {
		case !d.cancelling || d.cancels != asked:
		case how.Rejected:
			p.rejectCancel(d)
		default:
			p.settleCancel(d)
		}
	})
}

// beginCancel keeps the record as it is before a cancel.
func (d *delivery) beginCancel() {
	d.uncancelled = d.copy()
	d.cancels++
}

// settleCancel ends a pending cancel: confirmed, or rejected when the goods were touched in the meantime.
func (p *Platform) settleCancel(d *delivery) {
	if d.isBegun() || d.Status == Completed {
		p.rejectCancel(d)
		return
	}
	p.confirmCancel(act{actor: byPlatform, operation: "cancel_confirmed"}, d)
}

// settleByLocation is settleCancel by the location itself, which cannot speak while its
// integration is down.
func (p *Platform) settleByLocation(d *delivery, asked int, after time.Duration) {
	if !d.cancelling || d.cancels != asked {
		return
	}
	if l := p.locations[d.Location]; l.Type == Warehouse && l.IntegrationState != IntegrationActive {
		p.whenActive(l.ID, func() { p.schedule(after, func() { p.settleByLocation(d, asked, after) }) })
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
	for _, id := range d.Orders {
		p.completeCancelled(p.orders[id])
	}
}

func (p *Platform) showCanceled(a act, d *delivery) {
	keep := p.useFault(CancelKeepsStatus, subjectOf(d)) != nil
	if !d.cancelling {
		d.beginCancel()
	}
	p.changeDelivery(a, d, func() {
		d.cancelling = false
		d.cancelLines()
		if !slices.ContainsFunc(d.eventsSinceCancel(), isCanceled) {
			d.history = append(d.history, p.newEvent(d, EventCanceled))
		}
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

// eventsSinceCancel are the events since the last cancel was asked.
func (d *delivery) eventsSinceCancel() []event { return d.history[len(d.uncancelled.history):] }

func isCanceled(e event) bool { return e.Type == EventCanceled }

// isCancelUnconfirmed reports whether a cancel is pending of which a reader could not say that it is confirmed.
func (d *delivery) isCancelUnconfirmed() bool {
	return d.cancelling && (d.isLive() || !slices.ContainsFunc(d.eventsSinceCancel(), isCanceled))
}

func (p *Platform) cancelThenTakeBack(a act, d *delivery, m *Fault) {
	if !m.ShowCanceled {
		p.awaitCancel(a, d, Cancellation{EventAtOnce: m.EventAtOnce, After: m.After, Rejected: true})
		return
	}
	p.showCanceled(a, d)
	asked := d.cancels
	p.schedule(m.After, func() {
		if d.uncancelled != nil && d.cancels == asked {
			p.rejectCancel(d)
		}
	})
}

// rejectCancel takes back what the last cancel did: the location refused it. What else happened since stays.
// With EventsKept the CANCELED event of the cancel stays too.
func (p *Platform) rejectCancel(d *delivery) {
	before := d.uncancelled
	kept := p.useFault(EventsKept, subjectOf(d)) != nil
	p.changeDelivery(act{actor: byPlatform, operation: "cancellation_rejected"}, d, func() {
		if !d.isLive() && d.Status == Completed {
			d.Status = before.Status
		}
		for i, l := range d.Lines {
			was := slices.IndexFunc(before.Lines, func(b Line) bool { return b.ID == l.ID })
			if was >= 0 && l.Status == LineCanceled {
				d.Lines[i].Status = before.Lines[was].Status
			}
		}
		if !kept {
			d.history = append(slices.Clone(before.history), slices.DeleteFunc(slices.Clone(d.eventsSinceCancel()), isCanceled)...)
		}
		d.cancelling, d.uncancelled = false, nil
	}, "delivery_order/cancellation_rejected")
	for _, id := range d.Orders {
		p.orders[id].cancelling = false
	}
}

// afterCancel is what the platform does by itself once a delivery order is gone.
func (p *Platform) afterCancel(d *delivery) {
	for _, id := range d.Orders {
		o := p.orders[id]
		s := subject{location: d.Location, delivery: d.ID, orders: []string{id}}
		if o.Dispatching == Automatic && !o.cancelling {
			if m := p.useFault(Redispatch, s); m != nil && p.locations[m.To] != nil {
				p.schedule(m.After, func() { p.redispatch(d, o, m) })
			}
		}
		if !p.hasSent(id) && p.useFault(CompleteOrder, s) != nil {
			p.setOrderState(o, Completed)
		}
	}
}

// cancelOrder cancels whatever can still be cancelled of an order; with the last confirmation the order is
// COMPLETED. Where one is refused or rejected it stays as it is (documented).
func (p *Platform) cancelOrder(a act, o *order) {
	o.cancelling = true
	for _, id := range slices.Clone(p.byOrder[o.ID]) {
		if d := p.deliveries[id]; d.isLive() && p.cancelDelivery(a, d) != "" {
			o.cancelling = false
		}
	}
	p.completeCancelled(o)
}

func (p *Platform) completeCancelled(o *order) {
	if o.cancelling && !p.hasSent(o.ID) {
		o.cancelling = false
		p.setOrderState(o, Completed)
	}
}

// hasSent reports whether an order has a delivery order that is neither DRAFT nor cancelled.
func (p *Platform) hasSent(orderID string) bool {
	for _, id := range p.byOrder[orderID] {
		if d := p.deliveries[id]; d.Status != Draft && (d.isLive() || d.cancelling) {
			return true
		}
	}
	return false
}

// redispatch sends the units of a cancelled delivery order anew, as the platform's own decision.
func (p *Platform) redispatch(from *delivery, o *order, m *Fault) {
	a := act{actor: byPlatform, operation: "redispatch", redispatched: from.ID}
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
	d := p.createDraft(a, o, m.To, from.Priority, lines)
	if !m.AsDraft {
		p.requestFulfilment(a, d, true)
	}
}
