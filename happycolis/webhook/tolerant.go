package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"happycolis-reassigner/happycolis/quantity"
)

// errShape never leaves the package: Parse says ErrUndecodable instead.
var errShape = errors.New("wrong shape")

var null = []byte("null")

// text is a string, or a number in its written form, since ids are opaque. null is "".
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	switch {
	case bytes.Equal(raw, null):
		*t = ""
		return nil
	case plain(raw):
		*t = text(raw[1 : len(raw)-1])
		return nil
	case raw[0] == '"':
		return json.Unmarshal(raw, (*string)(t))
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		*t = text(raw)
		return nil
	}
	return errShape
}

// plain reports whether raw, which is valid JSON, is a string that stands in its quotes as it is. Nearly all
// are, and need not be decoded once more.
func plain(raw []byte) bool {
	return raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)
}

// toldText is a text that remembers whether its key was there at all, be it with null.
type toldText struct {
	text
	told bool
}

func (t *toldText) UnmarshalJSON(raw []byte) error {
	t.told = true
	return t.text.UnmarshalJSON(raw)
}

// textOrID is a text, or an object's id. Anything else is "", for it only fills gaps.
type textOrID text

func (t *textOrID) UnmarshalJSON(raw []byte) error {
	var plain text
	var object struct {
		ID text `json:"id"`
	}
	switch {
	case json.Unmarshal(raw, &plain) == nil:
		*t = textOrID(plain)
	case json.Unmarshal(raw, &object) == nil:
		*t = textOrID(object.ID)
	}
	return nil
}

// units is a whole number, also where it is written 3.0 or "3". null is 0.
type units int

func (u *units) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, null) {
		*u = 0
		return nil
	}
	n, err := quantity.Parse(raw)
	if err != nil {
		return errShape
	}
	*u = units(n)
	return nil
}

// moment is an ISO 8601 time in UTC. Whatever does not parse is the zero time, never an error: a date
// only orders events, and one without a date is simply the oldest.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(raw []byte) error {
	m.Time = time.Time{}
	var s text
	if raw[0] != '"' || s.UnmarshalJSON(raw) != nil {
		return nil
	}
	if at, err := time.Parse(time.RFC3339Nano, string(s)); err == nil {
		m.Time = at.UTC()
	}
	return nil
}

// toldMoment is a moment that remembers whether its key was there with a time or with null. The year 1, as some systems
// write what is not set, is a time.
type toldMoment struct {
	moment
	told bool
}

func (m *toldMoment) UnmarshalJSON(raw []byte) error {
	var s text
	if bytes.Equal(raw, null) {
		m.told = true
	} else if raw[0] == '"' && s.UnmarshalJSON(raw) == nil {
		at, err := time.Parse(time.RFC3339Nano, string(s))
		m.Time, m.told = at.UTC(), err == nil
	}
	return nil
}
