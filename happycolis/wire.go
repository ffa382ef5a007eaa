package happycolis

import (
	"encoding/json"
	"time"

	"happycolis-reassigner/happycolis/quantity"
)

// The answers in the platform's JSON. A null list of lines is never read as "no lines": the question whether all lines
// are cancelled would then get the answer yes.

type wireDeliveryOrder struct {
	ID              string        `json:"id"`
	OrderNumber     string        `json:"orderNumber"`
	Status          string        `json:"status"`
	Priority        string        `json:"priority"`
	Location        *wireLocation `json:"location"`
	DeliveryAddress *struct {
		Country string `json:"country"`
	} `json:"deliveryAddress"`
	Lines           []wireLine `json:"lines"`
	FulfillmentData *struct {
		Events []wireEvent `json:"events"`
	} `json:"fulfillmentData"`
	Shipments []wireShipment `json:"shipments"`
	Orders    []wireOrder    `json:"orders"`
}

type wireLine struct {
	ID        string `json:"id"`
	SKU       string `json:"sku"`
	Status    string `json:"status"`
	Quantity  units  `json:"quantity"`
	Fulfilled units  `json:"fulfilledQuantity"`
}

type wireEvent struct {
	Type string `json:"type"`
	Date moment `json:"date"`
}

type wireShipment struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

type wireOrder struct {
	ID              string `json:"id"`
	State           string `json:"state"`
	DispatchingType string `json:"dispatchingType"`
	Lines           []struct {
		ID       string `json:"id"`
		SKU      string `json:"sku"`
		Quantity units  `json:"quantity"`
	} `json:"lines"`
	FulfillmentData *struct {
		DeliveryOrders wireDeliveryOrders `json:"deliveryOrders"`
	} `json:"fulfillmentData"`
}

type wireDeliveryOrders []wireDeliveryOrder

type wireLocation struct {
	ID                string `json:"id"`
	Name              string `json:"name"`
	Type              string `json:"locationType"`
	Active            bool   `json:"active"`
	FulfillmentConfig *struct {
		AllowedCountries  []string `json:"allowedCountries"`
		ExcludedCountries []string `json:"excludedCountries"`
	} `json:"fulfillmentConfig"`
	Integration *struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"integration"`
}

func (w *wireDeliveryOrder) isValid() bool {
	return w.ID != "" && w.Lines != nil
}

func (w *wireDeliveryOrders) isValid() bool {
	for _, d := range *w {
		if !d.isValid() {
			return false
		}
	}
	return *w != nil
}

func (w *wireOrder) isValid() bool {
	return w.ID != "" && w.Lines != nil
}

func (w *wireLocation) isValid() bool { return w.ID != "" }

// units is a number of units, as package quantity parses it; null means that it is not known.
type units struct {
	n    int
	told bool
}

func (u *units) UnmarshalJSON(raw []byte) error {
	*u = units{}
	if string(raw) == "null" {
		return nil
	}
	n, err := quantity.Parse(raw)
	*u = units{n, err == nil}
	return err
}

// isKnown reports whether the units can be summed.
func (u units) isKnown() bool { return u.told && u.n >= 0 }

// moment is an ISO 8601 time (documented) in UTC; a text that is none becomes the zero time.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(raw []byte) error {
	m.Time = time.Time{}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		m.Time = at.UTC()
	}
	return nil
}
