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
	CancelRejected time.Time         `json:"-"`                     // a refused cancellation was announced then; put: it is now
}

// tells reports whether there is anything to be remembered. The script that does keeps, of two messages that
// tell the same thing, the newer word.
func (t Told) tells() bool {
	return t.Pickup != nil || t.OrderType != "" || !t.Issued.IsZero() || len(t.OrderLines) > 0
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

// shape is how much a message says of its delivery order.
type shape string

const (
	whole     shape = "whole"
	thin      shape = "thin"      // what is known completes it, if anything is
	completed shape = "completed" // was thin
)

// thin reports whether a message leaves out what has to be kept from before, if anything is known. The order
// number is not counted: it is kept beside the rest.
func (e *Entry) thin() bool {
	return e.Status == "" || len(e.Lines) == 0 || len(e.Events) == 0 || len(e.Orders) == 0 || e.Priority == "" || e.Told.Issued.IsZero()
}

// complete fills what a message does not say at all from what is known: no body is documented whole, and a
// thin one must not make a delivery order vanish. A location is taken away only by a message that
// speaks of status or lines.
func (e *Entry) complete(known string) {
	var before Entry
	if json.Unmarshal([]byte(known), &before) != nil {
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
