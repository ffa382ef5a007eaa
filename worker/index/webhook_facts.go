package index

import (
	"encoding/json"
	"time"
)

// WebhookFacts are the facts of a delivery order that only webhooks contain; a zero field erases nothing.
type WebhookFacts struct {
	Pickup         *bool             `json:"pickup,omitempty"`
	OrderType      string            `json:"order_type,omitempty"`
	Issued         time.Time         `json:"issued,omitzero"`
	OrderLines     map[string]string `json:"order_lines,omitempty"` // line id: order line id
	CancelRejected time.Time         `json:"-"`                     // when a webhook announced that a cancellation was rejected; for Put: this message does
}

// isSet reports whether a fact has to be stored. The script stores it, and of two messages with the same fact keeps
// the newer.
func (t WebhookFacts) isSet() bool {
	return t.Pickup != nil || t.OrderType != "" || !t.Issued.IsZero() || len(t.OrderLines) > 0
}

// decodeFacts decodes stored facts; those that cannot be read count as none.
func decodeFacts(field any) WebhookFacts {
	var t WebhookFacts
	text, _ := field.(string)
	if json.Unmarshal([]byte(text), &t) != nil {
		return WebhookFacts{}
	}
	return t
}

// completeness says how much of its delivery order a message contains.
type completeness string

const (
	fullMessage      completeness = "whole"
	partialMessage   completeness = "thin"      // has to be completed from what is stored, if anything is
	completedMessage completeness = "completed" // was partial, and is completed
)

// isPartial reports whether a message lacks fields whose stored values have to be kept. The order number does not
// count: it is stored beside the rest.
func (e *Entry) isPartial() bool {
	return e.Status == "" || len(e.Lines) == 0 || len(e.Events) == 0 || len(e.Orders) == 0 || e.Priority == "" || e.Facts.Issued.IsZero()
}

// fillFrom sets the fields that a message lacks from the stored body: no webhook's body is documented completely, and
// a partial one must not make a delivery order vanish. A location is removed only by a message that has a status or
// lines.
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
