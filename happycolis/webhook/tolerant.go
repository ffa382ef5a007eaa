package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"happycolis-reassigner/happycolis/quantity"
)

// errShape stays within this package: Parse returns ErrUndecodable instead.
var errShape = errors.New("wrong shape")

var null = []byte("null")

// textMost is the longest text that is kept, in bytes. No documented value is nearly as long.
const textMost = 256

// text is a string, or a number as it is written. null becomes "", and so does what cannot be shown: a text that is
// too long, is no UTF-8, or has invisible characters.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	if err := t.read(raw); err != nil {
		return err
	}
	if !IsPrintable(string(*t)) {
		*t = ""
	}
	return nil
}

func (t *text) read(raw []byte) error {
	switch {
	case bytes.Equal(raw, null):
		*t = ""
		return nil
	case isPlainText(raw):
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

// ident is a text that is an id. Ids are opaque, so one that cannot be kept unchanged is dropped: a changed one would
// be another id.
type ident string

func (i *ident) UnmarshalJSON(raw []byte) error {
	var t text
	if err := t.read(raw); err != nil {
		return err
	}
	if !IsPrintable(string(t)) {
		return errShape
	}
	*i = ident(t)
	return nil
}

// kind is an event type; one that is too long is cut, and so becomes an unknown type.
type kind string

func (k *kind) UnmarshalJSON(raw []byte) error {
	var t text
	if err := t.read(raw); err != nil {
		return err
	}
	if begin := t[:min(len(t), textMost)]; IsPrintable(string(begin)) {
		*k = kind(begin)
	}
	return nil
}

// IsPrintable reports whether a text is one that Parse keeps: at most 256 bytes, UTF-8, and of visible characters only.
func IsPrintable(s string) bool {
	return len(s) <= textMost && utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return c == utf8.RuneError || !unicode.IsGraphic(c) })
}

// isPlainText reports whether raw, which is valid JSON, is a string without escapes. Nearly all are, and need no decoding.
func isPlainText(raw []byte) bool {
	return raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)
}

// toldText is a text that also records whether its key was present, be it with null.
type toldText struct {
	text
	told bool
}

func (t *toldText) UnmarshalJSON(raw []byte) error {
	err := t.read(raw)
	if t.told = IsPrintable(string(t.text)); !t.told {
		t.text = ""
	}
	return err
}

// textOrID is a text, or the id of an object. Anything else becomes "", since it only fills gaps.
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

// units is a whole number, also written as 3.0 or "3". null becomes 0.
type units int

// told returns the number of units, 0 where it is not said or impossible.
func (u *units) told() int {
	if u == nil {
		return 0
	}
	return max(0, int(*u))
}

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

// moment is an ISO 8601 time in UTC. A text that is none becomes the zero time and is no error: a date only orders
// events, and one without a date counts as the oldest.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(raw []byte) error {
	m.Time = time.Time{}
	var s text
	if raw[0] != '"' || s.UnmarshalJSON(raw) != nil {
		return nil
	}
	if at, err := time.Parse(time.RFC3339Nano, string(s)); err == nil && isWritable(at) {
		m.Time = at.UTC()
	}
	return nil
}

// isWritable reports whether a time can be written in UTC with four digits of a year, as JSON needs it.
func isWritable(at time.Time) bool {
	year := at.UTC().Year()
	return year >= 0 && year <= 9999
}

// toldMoment is a moment that also records whether its key was present, with a time or with null. The year 1, which
// some systems write for "not set", counts as a time.
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
		if err == nil && isWritable(at) {
			m.Time, m.told = at.UTC(), true
		}
	}
	return nil
}
