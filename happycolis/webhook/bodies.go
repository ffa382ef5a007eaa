package webhook

// The bodies in the platform's JSON. A field that is not listed here is dropped: credentials, names, addresses and
// free texts must not be added (P6).

type deliveryOrderBody struct {
	ID                  ident      `json:"id"`
	OrderIDs            []ident    `json:"orderIds"`
	LocationID          ident      `json:"locationId"`
	OrganizationID      text       `json:"organizationId"`
	OrderNumber         text       `json:"orderNumber"`
	CollectPointID      toldText   `json:"collectPointId"`
	CollectPointCountry text       `json:"collectPointCountry"`
	Type                text       `json:"type"`
	FulfillmentType     text       `json:"fulfillmentType"`
	Priority            text       `json:"priority"`
	Status              text       `json:"status"`
	IssuedAt            moment     `json:"issuedAt"`
	Lines               []lineBody `json:"lines"`
	Events              []struct {
		Type  text   `json:"type"`
		Level text   `json:"level"`
		Date  moment `json:"date"`
	} `json:"events"`
}

type lineBody struct {
	ID          ident  `json:"id"`
	SKU         text   `json:"sku"`
	Status      text   `json:"status"`
	OrderLineID ident  `json:"orderLineId"` // (assumed)
	Quantity    *units `json:"quantity"`
	Fulfilled   units  `json:"fulfilledQuantity"`
}

func (b deliveryOrderBody) into() *DeliveryOrder {
	d := &DeliveryOrder{
		ID:                  string(b.ID),
		OrderIDs:            words(b.OrderIDs),
		LocationID:          string(b.LocationID),
		OrganizationID:      string(b.OrganizationID),
		OrderNumber:         string(b.OrderNumber),
		CollectPointID:      string(b.CollectPointID.text),
		CollectPointCountry: string(b.CollectPointCountry),
		PickupKnown:         b.CollectPointID.told,
		OrderType:           string(b.Type),
		FulfillmentType:     string(b.FulfillmentType),
		Priority:            string(b.Priority),
		Status:              string(b.Status),
		IssuedAt:            b.IssuedAt.Time,
	}
	for _, l := range b.Lines {
		d.Lines = append(d.Lines, Line{
			ID:          string(l.ID),
			SKU:         string(l.SKU),
			Status:      string(l.Status),
			OrderLineID: string(l.OrderLineID),
			Quantity:    l.Quantity.told(),
			Empty:       l.Quantity != nil && *l.Quantity == 0,
			Fulfilled:   l.Fulfilled.told(),
		})
	}
	for _, m := range b.Events {
		d.Events = append(d.Events, Milestone{Type: string(m.Type), Level: string(m.Level), Date: m.Date.Time})
	}
	return d
}

type integrationBody struct {
	ID         ident `json:"id"`
	LocationID ident `json:"locationId"`
	ServiceID  text  `json:"fulfillmentServiceId"`
	State      text  `json:"state"`
}

func (b integrationBody) into() *Integration {
	return &Integration{ID: string(b.ID), LocationID: string(b.LocationID), ServiceID: string(b.ServiceID), State: string(b.State)}
}

type locationBody struct {
	ID                  ident      `json:"id"`
	Name                text       `json:"name"`
	Type                text       `json:"locationType"`
	Country             text       `json:"country"`
	Active              *bool      `json:"active"`
	AcceptFulfillmentAt toldMoment `json:"acceptFulfillmentAt"`
	AllowedCountries    []text     `json:"allowedCountries"`
	ExcludedCountries   []text     `json:"excludedCountries"`
}

func (b locationBody) into() *Location {
	return &Location{
		ID:                  string(b.ID),
		Slug:                string(b.Name),
		Type:                string(b.Type),
		Country:             string(b.Country),
		Active:              b.Active,
		AcceptFulfillmentAt: b.AcceptFulfillmentAt.Time,
		AcceptKnown:         b.AcceptFulfillmentAt.told,
		AllowedCountries:    words(b.AllowedCountries),
		ExcludedCountries:   words(b.ExcludedCountries),
	}
}

type shipmentBody struct {
	ID              ident `json:"id"`
	LocationID      ident `json:"locationId"`
	DeliveryOrderID ident `json:"deliveryOrderId"` // (assumed)
}

func (b shipmentBody) into() *Shipment {
	return &Shipment{ID: string(b.ID), LocationID: string(b.LocationID), DeliveryOrderID: string(b.DeliveryOrderID)}
}

type stockBody struct {
	ID         ident  `json:"id"`
	LocationID ident  `json:"locationId"`
	SKU        text   `json:"sku"`
	Status     text   `json:"status"`
	Model      text   `json:"model"`
	Usable     *units `json:"usableQuantity"`
	Reserved   *units `json:"reservedQuantity"`
}

func (b stockBody) into() *Stock {
	return &Stock{
		ID:         string(b.ID),
		LocationID: string(b.LocationID),
		SKU:        string(b.SKU),
		Status:     string(b.Status),
		Model:      string(b.Model),
		Usable:     (*int)(b.Usable),
		Reserved:   (*int)(b.Reserved),
	}
}

func words[T ~string](in []T) []string {
	if len(in) == 0 {
		return nil
	}
	out := make([]string, len(in))
	for i, w := range in {
		out[i] = string(w)
	}
	return out
}
