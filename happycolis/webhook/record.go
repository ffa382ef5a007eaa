package webhook

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// TopicOf returns the Kafka topic of a type: dots separate its parts, hyphens its words (assumed, from the topics that
// are documented). One is documented with an underscore.
func TopicOf(kind string) string {
	if kind == "location/type_changed" {
		return "location.type_changed"
	}
	return strings.NewReplacer("/", ".", "_", "-").Replace(kind)
}

// TypeOfTopic is the opposite of TopicOf.
func TypeOfTopic(topic string) string { return normalType(strings.ReplaceAll(topic, ".", "/")) }

// ParseRecord parses the value of a record of a topic: an envelope as webhooks have it, or the payload alone, which is
// the body of a webhook (documented). record has what the record itself says: its id and its date. They fill what the
// value does not say, and so does the topic for the type. payload is the organization that the payload names, which may
// differ from the one of the envelope; "" if it names none.
//
// The errors are those of Parse.
func ParseRecord(topic string, value []byte, record Event) (e *Event, payload string, err error) {
	var in envelope
	value = bytes.TrimPrefix(value, byteOrderMark)
	if json.Unmarshal(value, &in) != nil {
		return nil, "", fmt.Errorf("reading a record: %w", ErrUndecodable)
	}
	e, body := &record, json.RawMessage(value)
	if in.Header != nil {
		e, body = in.Header.event(), in.Body
		e.MessageID = cmp.Or(e.MessageID, record.MessageID)
		if e.Date.IsZero() {
			e.Date = record.Date
		}
	}
	e.Type = cmp.Or(e.Type, TypeOfTopic(topic))
	var owner struct {
		OrganizationID ident `json:"organizationId"`
	}
	if len(body) > 0 && json.Unmarshal(body, &owner) != nil {
		return e, "", fmt.Errorf("reading the organization of a record: %w", ErrUndecodable)
	}
	return e, string(owner.OrganizationID), e.decodeBody(body)
}
