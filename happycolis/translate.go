package happycolis

// deliveryOrder converts an answer that was true at read. asked says whether shipments were requested; if they were
// and are null, they are unknown, too.
func (w *wireDeliveryOrder) deliveryOrder(read Read, asked bool) DeliveryOrder {
	d := DeliveryOrder{
		Read:             read,
		ID:               w.ID,
		OrderNumber:      w.OrderNumber,
		Status:           w.Status,
		Priority:         w.Priority,
		ShipmentsUnknown: !asked || w.Shipments == nil,
	}
	if w.Location != nil {
		d.Location = w.Location.location(read)
	}
	if w.DeliveryAddress != nil {
		d.Country = w.DeliveryAddress.Country
	}
	for _, l := range w.Lines {
		d.Lines = append(d.Lines, l.line())
	}
	if w.FulfillmentData != nil {
		for _, e := range w.FulfillmentData.Events {
			d.Events = append(d.Events, Event{Type: e.Type, Date: e.Date.Time})
		}
	}
	for _, s := range w.Shipments {
		d.Shipments = append(d.Shipments, Shipment(s))
	}
	for i := range w.Orders {
		d.Orders = append(d.Orders, w.Orders[i].order(read))
	}
	return d
}

// line converts a line. Null fulfilled units mean none yet; a negative number of them makes the line's quantity
// unknown.
func (l wireLine) line() Line {
	return Line{
		ID: l.ID, SKU: l.SKU, Status: l.Status, Quantity: l.Quantity.n, Fulfilled: l.Fulfilled.n,
		QuantityUnknown: !l.Quantity.isKnown() || l.Fulfilled.n < 0,
	}
}

func (w wireDeliveryOrders) deliveryOrders(read Read) []DeliveryOrder {
	list := make([]DeliveryOrder, len(w))
	for i := range w {
		list[i] = w[i].deliveryOrder(read, false)
	}
	return list
}

func (w *wireOrder) order(read Read) Order {
	o := Order{Read: read, ID: w.ID, State: w.State, DispatchingType: w.DispatchingType}
	for _, l := range w.Lines {
		o.Lines = append(o.Lines, OrderLine{ID: l.ID, SKU: l.SKU, Quantity: l.Quantity.n, QuantityUnknown: !l.Quantity.isKnown()})
	}
	if w.FulfillmentData != nil {
		o.DeliveryOrders = w.FulfillmentData.DeliveryOrders.deliveryOrders(read)
	}
	return o
}

func (w *wireLocation) location(read Read) Location {
	l := Location{Read: read, ID: w.ID, Slug: w.Name, Type: w.Type, Active: w.Active}
	if w.FulfillmentConfig != nil {
		l.AllowedCountries = w.FulfillmentConfig.AllowedCountries
		l.ExcludedCountries = w.FulfillmentConfig.ExcludedCountries
	}
	if w.Integration != nil {
		l.Integration = &Integration{ID: w.Integration.ID, State: w.Integration.State}
	}
	return l
}
