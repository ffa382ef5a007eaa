package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrUndecodable reports that a webhook does not have the form that its type demands. Errors that wrap it never quote
// the body.
var ErrUndecodable = errors.New("undecodable webhook")

// byteOrderMark may stand before the JSON: it is not part of it.
var byteOrderMark = []byte("\ufeff")

// Parse parses a webhook. Unknown types, and unknown and missing fields, are no errors. The error wraps
// ErrUndecodable; then the Event is nil, or has only its header if just the body could not be parsed.
func Parse(body []byte) (*Event, error) {
	var in envelope
	if json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), &in) != nil {
		return nil, fmt.Errorf("reading the envelope: %w", ErrUndecodable)
	}
	if in.Header == nil {
		return nil, fmt.Errorf("reading the envelope: no header: %w", ErrUndecodable)
	}
	e := in.Header.event()
	return e, e.decodeBody(in.Body)
}

// decodeBody parses the body that the event's type demands.
func (e *Event) decodeBody(body json.RawMessage) (err error) {
	switch {
	case e.Is("delivery_order/"):
		e.DeliveryOrder, err = decode[deliveryOrderBody, DeliveryOrder](body, "delivery order")
	case e.Is("location/fulfillment_service_integration/"):
		e.Integration, err = decode[integrationBody, Integration](body, "integration")
	case e.Is("location/"):
		e.Location, err = decode[locationBody, Location](body, "location")
	case e.Is("shipment/"):
		e.Shipment, err = decode[shipmentBody, Shipment](body, "shipment")
	case e.Is("stock_reference/"):
		e.Stock, err = decode[stockBody, Stock](body, "stock reference")
	}
	return err
}

type envelope struct {
	Header *header         `json:"header"`
	Body   json.RawMessage `json:"body"`
}

// header accepts both forms that the platform's documentation shows: the one on every event's own page, and another
// one (id, timestamp, organization) for fields that the first lacks.
type header struct {
	OrganizationID ident    `json:"organizationId"`
	MessageID      ident    `json:"messageId"`
	WebhookID      text     `json:"webhookId"`
	Type           kind     `json:"type"`
	Date           moment   `json:"date"`
	ID             ident    `json:"id"`
	Timestamp      moment   `json:"timestamp"`
	Organization   textOrID `json:"organization"`
}

func (h *header) event() *Event {
	e := &Event{
		Organization: string(h.OrganizationID),
		MessageID:    string(h.MessageID),
		WebhookID:    string(h.WebhookID),
		Type:         normalType(string(h.Type)),
		Date:         h.Date.Time,
	}
	if e.Organization == "" {
		e.Organization = string(h.Organization)
	}
	if e.MessageID == "" {
		e.MessageID = string(h.ID)
	}
	if e.Date.IsZero() {
		e.Date = h.Timestamp.Time
	}
	return e
}

// normalType is a type in lower case, which may be longer.
func normalType(text string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "-", "_")
	return strings.ToValidUTF8(text[:min(len(text), textMost)], "")
}

// decode parses a body of the form B, which must be an object, as a T.
func decode[B interface{ into() *T }, T any](raw json.RawMessage, what string) (*T, error) {
	var body *B
	if json.Unmarshal(raw, &body) != nil || body == nil {
		return nil, fmt.Errorf("reading the body of a %s event: %w", what, ErrUndecodable)
	}
	return (*body).into(), nil
}
