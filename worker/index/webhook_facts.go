package index

import (
	"encoding/json"
	"time"
)

// WebhookFacts is what only webhooks tell of a delivery order; a zero field says nothing and erases nothing.
type WebhookFacts struct {
	Pickup         *bool             `json:"pickup,omitempty"`
	OrderType      string            `json:"order_type,omitempty"`
	Issued         time.Time         `json:"issued,omitzero"`
	OrderLines     map[string]string `json:"order_lines,omitempty"` // line id > order line id
	CancelRejected time.Time         `json:"-"`                     // a refused cancellation was announced then; put: it is now
}

// isSet reports whether there is anything to be remembered. The script that does keeps, of two messages that
// tell the same thing, the newer word.
func (t WebhookFacts) isSet() bool {
	return t.Pickup != nil || t.OrderType != "" || !t.Issued.IsZero() || len(t.OrderLines) > 0
}

// decodeFacts reads what was told; what cannot be read says nothing.
func decodeFacts(field any) WebhookFacts {
	var t WebhookFacts
	text, _ := field.(string)
	if json.Unmarshal([]byte(text), &t) != nil {
		return WebhookFacts{}
	}
	return t
}

// completeness is how much a message says of its delivery order.
type completeness string

const (
	fullMessage      completeness = "whole"
	partialMessage   completeness = "thin"      // what is known completes it, if anything is
	completedMessage completeness = "completed" // was thin
)

// isPartial reports whether a message leaves out what has to be kept from before, if anything is known. The order
// number is not counted: it is kept beside the rest.
func (e *Entry) isPartial() bool {
	return e.Status == "" || len(e.Lines) == 0 || len(e.Events) == 0 || len(e.Orders) == 0 || e.Priority == "" || e.Facts.Issued.IsZero()
}

// fillFrom fills what a message does not say at all from what is known: no body is documented whole, and a
// thin one must not make a delivery order vanish. A location is taken away only by a message that
// speaks of status or lines.
func (e *Entry) fillFrom(known string) {
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
