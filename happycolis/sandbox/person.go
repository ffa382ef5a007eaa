package sandbox

import (
	"errors"
	"fmt"
	"slices"
)

// PersonCancel, PersonOpen, PersonRequest and PersonMove are acts of somebody who uses the platform's own dashboard:
// not of the worker and not of its operator. They obey the platform's rules but no fault, and return its refusal as an
// error.
func (p *Platform) PersonCancel(id string) error {
	return p.actAsPerson(id, "deliveryOrderCancel", func(a act, d *delivery) string {
		if d.Status == Completed || d.isBegun() || !d.isLive() {
			return p.recordRefusal(a, d, "past the point of cancelling")
		}
		p.confirmCancel(a, d)
		return ""
	})
}

// PersonAsksCancel is PersonCancel where the location decides whether it is cancelled, also of a DRAFT.
func (p *Platform) PersonAsksCancel(id string, how Cancellation) error {
	return p.actAsPerson(id, "deliveryOrderCancel", func(a act, d *delivery) string {
		if d.cancelling || d.Status == Completed || d.isBegun() || !d.isLive() {
			return p.recordRefusal(a, d, "past the point of cancelling")
		}
		p.awaitCancel(a, d, how)
		return ""
	})
}

// ConfirmCancel ends a cancel that is pending, whoever asked for it; it is rejected where the goods were touched.
func (p *Platform) ConfirmCancel(id string) error {
	return p.endCancel(id, func(d *delivery) bool { return d.cancelling }, p.settleCancel)
}

// RejectCancel rejects the last cancel of a delivery order, whoever asked for it, confirmed or not.
func (p *Platform) RejectCancel(id string) error {
	return p.endCancel(id, func(d *delivery) bool { return d.uncancelled != nil }, p.rejectCancel)
}

func (p *Platform) endCancel(id string, ready func(*delivery) bool, end func(*delivery)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.deliveries[id]
	if d == nil || !ready(d) {
		return fmt.Errorf("delivery order %s has no cancel that could be ended", id)
	}
	end(d)
	return nil
}

// PersonCancelOrder is a customer who cancels a whole order. Faults decide how each of its cancels proceeds.
func (p *Platform) PersonCancelOrder(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.orders[id]
	if o == nil || o.State != Opened {
		return fmt.Errorf("order %s is not open", id)
	}
	p.cancelOrder(act{actor: byPerson, operation: "orderCancel"}, o)
	return nil
}

// PersonOpen makes a DRAFT PENDING.
func (p *Platform) PersonOpen(id string) error {
	return p.actAsPerson(id, "deliveryOrderOpen", p.openDraft)
}

// PersonRequest requests fulfilment.
func (p *Platform) PersonRequest(id string) error {
	return p.actAsPerson(id, "deliveryOrderRequestFulfillment", func(a act, d *delivery) string { return p.requestFulfilment(a, d, false) })
}

// PersonMove changes the location of a DRAFT; the location may be named by slug.
func (p *Platform) PersonMove(id, to string) error {
	return p.actAsPerson(id, "deliveryOrderUpdate", func(a act, d *delivery) string {
		l := p.findLocation(to)
		if l == nil {
			return p.recordRefusal(a, d, "unknown location")
		}
		return p.updateDraft(a, d, l.ID, nil, "")
	})
}

// PersonEdit changes the quantity of the first line of a DRAFT.
func (p *Platform) PersonEdit(id string, quantity int) error {
	return p.actAsPerson(id, "deliveryOrderUpdate", func(a act, d *delivery) string {
		lines := d.copy().Lines
		lines[0].Quantity = quantity
		return p.updateDraft(a, d, "", lines, "")
	})
}

// PersonEditOrder changes the quantity of a delivery order's first line by way of its order, which an OPENED one
// allows, whatever the status of the delivery order (documented: orderUpdate; that the delivery order follows at
// once is assumed).
func (p *Platform) PersonEditOrder(id string, quantity int) error {
	return p.actAsPerson(id, "orderUpdate", func(a act, d *delivery) string {
		o := p.orders[d.Orders[0]]
		of := slices.IndexFunc(o.Lines, func(l OrderLine) bool { return l.ID == d.Lines[0].OrderLine })
		if o.State != Opened || of < 0 || !d.isLive() {
			return p.recordRefusal(a, d, "this order does not let its lines be edited")
		}
		o.prev = &order{Order: o.Order, held: o.held}
		o.Lines = slices.Clone(o.Lines)
		o.Lines[of].Quantity = quantity
		p.recordOrderAct(a, o)
		p.changeDelivery(a, d, func() { d.Lines[0].Quantity = quantity })
		return ""
	})
}

// PersonProceeds records in the books that a person had the worker proceed although this original is not known to be
// cancelled: what it covers from now on is that person's responsibility.
func (p *Platform) PersonProceeds(id string) error {
	return p.actAsPerson(id, "proceed", func(a act, d *delivery) string {
		p.recordAct(a, d, d, true)
		return ""
	})
}

// ResumeOrder is somebody who resumes an order as a whole: every DRAFT of it is opened and
// requested, whoever made it.
func (p *Platform) ResumeOrder(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.orders[id]
	if o == nil {
		return fmt.Errorf("unknown order %s", id)
	}
	p.resumeOrder(act{actor: byPerson, operation: "orderResume"}, o)
	return nil
}

func (p *Platform) resumeOrder(a act, o *order) {
	o.held = false
	for _, d := range p.draftsOf(o.ID) {
		if p.openDraft(a, d) == "" {
			p.requestFulfilment(a, d, false)
		}
	}
}

func (p *Platform) actAsPerson(id, operation string, do func(act, *delivery) string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.deliveries[id]
	if d == nil {
		return fmt.Errorf("unknown delivery order %s", id)
	}
	if reason := do(act{actor: byPerson, operation: operation}, d); reason != "" {
		return errors.New(reason)
	}
	return nil
}
