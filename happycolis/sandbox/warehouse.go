package sandbox

import "fmt"

// expectAnswer lets the warehouse answer a request later. An INTERNAL location never answers.
func (p *Platform) expectAnswer(d *delivery) {
	l := p.locations[d.Location]
	if l.Type != Warehouse {
		return
	}
	after := DefaultAcceptAfter
	if m := p.useFault(Accept, subjectOf(d)); m != nil {
		after = m.After
	}
	p.schedule(after, func() { p.answer(d) })
}

// answer is the warehouse's decision. While its integration is not ACTIVE it cannot answer; once it
// is, it does.
func (p *Platform) answer(d *delivery) {
	if d.answered || d.Status != Pending || !d.isLive() {
		return
	}
	l := p.locations[d.Location]
	if l.IntegrationState != IntegrationActive {
		return
	}
	s := subjectOf(d)
	switch {
	case p.useFault(Silent, s) != nil:
	case p.useFault(Reject, s) != nil:
		p.reject(d, len(d.Lines))
	case p.useFault(RejectPart, s) != nil:
		p.reject(d, 1)
	default:
		p.accept(d)
		if m := p.useFault(AcceptThenError, s); m != nil {
			p.schedule(m.After, func() { p.setIntegration(l, IntegrationError, "", true) })
		}
	}
}

// catchUp lets a location that speaks again answer what it had left unanswered.
func (p *Platform) catchUp(l *location) {
	for _, id := range p.deliveryIDs {
		d := p.deliveries[id]
		if d.Location == l.ID && d.Status == Pending && d.has(EventRequested) && !d.answered && d.isLive() {
			p.expectAnswer(d)
		}
	}
}

func (p *Platform) accept(d *delivery) {
	p.changeDelivery(act{actor: byWarehouse, operation: "accept"}, d, func() {
		d.answered = true
		d.setLines(LinePending, LineAccepted)
		d.history = append(d.history, p.newEvent(d, EventAccepted))
	}, "delivery_order/fulfillment_accepted")
}

// reject refuses the first n lines and accepts the rest.
func (p *Platform) reject(d *delivery, n int) {
	p.changeDelivery(act{actor: byWarehouse, operation: "reject"}, d, func() {
		d.answered = true
		for i := range d.Lines {
			if d.Lines[i].Status != LinePending {
				continue
			}
			d.Lines[i].Status = LineRejected
			if i >= n {
				d.Lines[i].Status = LineAccepted
			}
		}
		d.history = append(d.history, p.newEvent(d, EventRejected))
	}, "delivery_order/rejected")
}

// WarehouseAccept, WarehouseReject, WarehouseStart and WarehouseShip are the hands in the
// warehouse: they work whatever the integration's state, as goods can move while only the link is
// down. They return an error when the delivery order is past that step.
func (p *Platform) WarehouseAccept(id string) error {
	return p.actAsWarehouse(id, func(d *delivery) bool { return d.Status == Pending && d.isLive() }, p.accept)
}

// WarehouseReject refuses every line.
func (p *Platform) WarehouseReject(id string) error {
	return p.actAsWarehouse(id, func(d *delivery) bool { return d.Status == Pending && d.isLive() }, func(d *delivery) {
		p.reject(d, len(d.Lines))
	})
}

// WarehouseStart begins picking: lines IN_PROGRESS, status OPENED.
func (p *Platform) WarehouseStart(id string) error {
	ready := func(d *delivery) bool {
		return (d.Status == Pending || d.Status == Opened) && d.isLive() && !d.isBegun()
	}
	return p.actAsWarehouse(id, ready, func(d *delivery) {
		p.changeDelivery(act{actor: byWarehouse, operation: "start"}, d, func() {
			d.Status, d.answered = Opened, true
			d.setLines(LinePending, LineInProgress)
			d.setLines(LineAccepted, LineInProgress)
		}, "delivery_order/opened")
	})
}

// WarehouseOpen shows the delivery order OPENED with its lines as they are: received, not picked.
func (p *Platform) WarehouseOpen(id string) error {
	return p.actAsWarehouse(id, func(d *delivery) bool { return d.Status == Pending && d.isLive() }, func(d *delivery) {
		p.changeDelivery(act{actor: byWarehouse, operation: "opened"}, d, func() { d.Status = Opened }, "delivery_order/opened")
	})
}

// WarehouseShip ships every unit: a shipment, lines DELIVERED, status COMPLETED.
func (p *Platform) WarehouseShip(id string) error {
	ready := func(d *delivery) bool { return (d.Status == Pending || d.Status == Opened) && d.isLive() }
	return p.actAsWarehouse(id, ready, func(d *delivery) {
		p.announceShipment("shipment/created", p.newShipment(d))
		p.changeDelivery(act{actor: byWarehouse, operation: "ship"}, d, func() {
			d.Status, d.answered = Completed, true
			for i := range d.Lines {
				if l := &d.Lines[i]; l.Status != LineCanceled && l.Status != LineRejected {
					l.Status, l.Fulfilled = LineDelivered, l.Quantity
				}
			}
			d.history = append(d.history, p.newEvent(d, EventCompleted))
		}, "delivery_order/completed")
	})
}

func (p *Platform) newShipment(d *delivery) *shipment {
	s := &shipment{
		ID: p.newID(), Delivery: d.ID, Location: d.Location, Details: d.copy().Lines, Issued: p.currentTime(),
		Reference: fmt.Sprintf("EXP-%s-%d", d.Number, len(d.parcels)+1),
	}
	p.shipments[s.ID] = s
	d.parcels = append(d.parcels, s.ID)
	return s
}

func (p *Platform) actAsWarehouse(id string, ready func(*delivery) bool, do func(*delivery)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.deliveries[id]
	switch {
	case d == nil:
		return fmt.Errorf("unknown delivery order %s", id)
	case !ready(d):
		return fmt.Errorf("delivery order %s is %s: not possible now", id, d.Status)
	}
	do(d)
	return nil
}

// Shows has a location leave the lines of a delivery order, in order, in the states given, and append events to its log:
// what a location may do is not documented, so any of it may be shown.
func (p *Platform) Shows(id string, lines, events []string) error {
	ready := func(d *delivery) bool { return len(lines) == len(d.Lines) }
	return p.actAsWarehouse(id, ready, func(d *delivery) {
		p.changeDelivery(act{actor: byWarehouse, operation: "shows"}, d, func() {
			d.answered = true
			for i := range d.Lines {
				d.Lines[i].Status = lines[i]
			}
			for _, e := range events {
				d.history = append(d.history, p.newEvent(d, e))
			}
		})
	})
}
