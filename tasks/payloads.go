package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Version is the version of every payload that this release writes. Decode refuses other versions; the sweep then does
// what is to be done, which it knows from the journal.
const Version = 1

// ErrVersion reports a payload of another version, written by another release.
var ErrVersion = errors.New("task payload of an unknown version")

// Message is a task before it is encoded. ID identifies the work and not the try: submitting the same message twice
// gives one task.
type Message interface {
	Kind() Kind
	ID() string
}

// Observe asks for a read of a location. On the first hint Incident is empty, and the message has the id of the
// webhook (or sweep) that caused it; the second observation names its incident.
type Observe struct {
	V            int    `json:"v"`
	Organization string `json:"organization"`
	Location     string `json:"location"`
	Integration  string `json:"integration,omitempty"`
	Message      string `json:"message,omitempty"`
	Incident     string `json:"incident,omitempty"`
	Round        int    `json:"round,omitempty"` // how often this incident was observed before
	Recheck      bool   `json:"look,omitempty"`  // an event other than errored came: no incident is opened unless the location reads ERROR

	// Dated is the date of an errored event, or its arrival where it has none; zero: no event told of it.
	Dated time.Time `json:"dated,omitzero"`
}

// Kind returns LocationObserve.
func (Observe) Kind() Kind { return LocationObserve }

// ID consists of the hint's id, or of the incident and the round.
func (m Observe) ID() string {
	if m.Incident != "" {
		return taskID("observe", m.Organization, m.Incident, strconv.Itoa(m.Round))
	}
	return taskID("observe", m.Organization, m.Location, m.Message)
}

// Fanout asks to enroll one page of an incident's delivery orders. Cursor is where the page begins, "" for the first.
// Pass distinguishes the walks: each sweep walks again for late arrivals.
type Fanout struct {
	V            int    `json:"v"`
	Organization string `json:"organization"`
	Incident     string `json:"incident"`
	Pass         string `json:"pass"`
	Page         int    `json:"page"`
	Cursor       string `json:"cursor,omitempty"`
}

// Kind returns IncidentFanout.
func (Fanout) Kind() Kind { return IncidentFanout }

// ID consists of the incident, the walk and the page.
func (m Fanout) ID() string {
	return taskID("fanout", m.Organization, m.Incident, m.Pass, strconv.Itoa(m.Page))
}

// Reassign asks to drive one reassignment. At is the journal version for which it was submitted: if the record has
// another one by then, the task is obsolete.
type Reassign struct {
	V            int    `json:"v"`
	Organization string `json:"organization"`
	Reassignment string `json:"reassignment"`
	At           int64  `json:"at"` // journal version
	Begun        bool   `json:"begun,omitempty"`
}

// Kind returns OrderReassign.
func (Reassign) Kind() Kind { return OrderReassign }

// ID consists of the reassignment and the journal version.
func (m Reassign) ID() string {
	return taskID("reassign", m.Organization, m.Reassignment, strconv.FormatInt(m.At, 10))
}

// Sweep asks for one sweep of an organization; without one, as former releases wrote it, of all. Tick is the number of
// the interval since 1970, so that several workers over one Redis sweep once per interval.
type Sweep struct {
	V            int    `json:"v"`
	Organization string `json:"organization,omitempty"`
	Tick         int64  `json:"tick"`
}

// Kind returns SweepOrganization.
func (Sweep) Kind() Kind { return SweepOrganization }

// ID consists of the organization and the interval.
func (m Sweep) ID() string {
	if m.Organization == "" {
		return taskID("sweep", strconv.FormatInt(m.Tick, 10))
	}
	return taskID("sweep", m.Organization, strconv.FormatInt(m.Tick, 10))
}

// taskID joins the parts of an id. A character other than letter, digit, dot, dash or underscore is written ~XX: the
// queue's web UI puts ids into paths unescaped, and with a slash in one its buttons would do nothing.
func taskID(parts ...string) string {
	var id strings.Builder
	for i, part := range parts {
		if i > 0 {
			id.WriteByte(':')
		}
		for _, b := range []byte(part) {
			if b < utf8.RuneSelf && (unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b)) || strings.IndexByte("._-", b) >= 0) {
				id.WriteByte(b)
			} else {
				fmt.Fprintf(&id, "~%02X", b)
			}
		}
	}
	return id.String()
}

// idParts is the number of parts of each sort of id that names an organization.
var idParts = map[string]int{"observe": 4, "fanout": 5, "reassign": 4, "sweep": 3}

// OrganizationOfID returns the organization in the id of a message, as it is configured; "" where it has none.
func OrganizationOfID(id string) string {
	parts := strings.Split(id, ":")
	if n, known := idParts[parts[0]]; !known || len(parts) != n {
		return ""
	}
	organization, err := url.PathUnescape(strings.ReplaceAll(parts[1], "~", "%"))
	if err != nil {
		return ""
	}
	return organization
}

// Organization returns the organization in a payload of any kind; "" where it has none.
func Organization(payload []byte) string {
	var head struct {
		Organization string `json:"organization"`
	}
	if json.Unmarshal(payload, &head) != nil {
		return ""
	}
	return head.Organization
}

// Encode returns the payload of m.
func Encode(m Message) ([]byte, error) {
	payload, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", m.Kind(), err)
	}
	return payload, nil
}

// Decode decodes the payload of a kind. Unknown fields are ignored, since a later release may add some. The error
// wraps ErrVersion where the payload is of another version.
func Decode[M Message](payload []byte) (M, error) {
	var m M
	var head struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(payload, &head); err != nil {
		return m, fmt.Errorf("decoding %s: %w", m.Kind(), err)
	}
	if head.V != Version {
		return m, fmt.Errorf("decoding %s: version %d: %w", m.Kind(), head.V, ErrVersion)
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		return m, fmt.Errorf("decoding %s: %w", m.Kind(), err)
	}
	return m, nil
}
