package index

import (
	"encoding/json"
	"time"
)

// Told is what only webhooks tell of a delivery order; a zero field says nothing and erases nothing.
type Told struct {
	Pickup         *bool             `json:"pickup,omitempty"`
	OrderType      string            `json:"order_type,omitempty"`
	Issued         time.Time         `json:"issued,omitzero"`
	OrderLines     map[string]string `json:"order_lines,omitempty"` // line id > order line id
	CancelRejected time.Time         `json:"-"`                     // a refused cancellation was announced then
}

// recall completes what e tells with what was told before, at the date given; of two that tell the same
// thing the newer wins. It reports whether e itself tells anything to be remembered.
func (e *Entry) recall(before Told, at time.Time) bool {
	t, rejected := e.Told, e.Told.CancelRejected
	if e.Date.Before(at) {
		e.Told = before.over(t)
	} else {
		e.Told = t.over(before)
	}
	e.Told.CancelRejected = rejected
	return t.Pickup != nil || t.OrderType != "" || !t.Issued.IsZero() || len(t.OrderLines) > 0
}

// over is t, with what it does not say taken from before.
func (t Told) over(before Told) Told {
	if t.Pickup == nil {
		t.Pickup = before.Pickup
	}
	if t.OrderType == "" {
		t.OrderType = before.OrderType
	}
	if t.Issued.IsZero() {
		t.Issued = before.Issued
	}
	if len(t.OrderLines) == 0 {
		t.OrderLines = before.OrderLines
	}
	return t
}

// toldOf reads what was told; what cannot be read says nothing.
func toldOf(field any) Told {
	var t Told
	text, _ := field.(string)
	if json.Unmarshal([]byte(text), &t) != nil {
		return Told{}
	}
	return t
}

// complete fills what a message does not say at all from what is known: no body is documented whole, and a
// thin one must not make a delivery order vanish. A location is taken away only by a message that
// speaks of status or lines.
func (e *Entry) complete(known any) {
	body, _ := known.(string)
	var before Entry
	if json.Unmarshal([]byte(body), &before) != nil {
		return
	}
	if e.Location == "" && e.Status == "" && len(e.Lines) == 0 {
		e.Location = before.Location
	}
	if e.Status == "" {
		e.Status = before.Status
	}
	if len(e.Lines) == 0 {
		e.Lines = before.Lines
	}
	if len(e.Events) == 0 {
		e.Events = before.Events
	}
	if len(e.Orders) == 0 {
		e.Orders = before.Orders
	}
	if e.Priority == "" {
		e.Priority = before.Priority
	}
	if e.Number == "" {
		e.Number = before.Number
	}
}
