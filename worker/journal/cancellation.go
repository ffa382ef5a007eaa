package journal

import "time"

// CanceledEvents are the CANCELED events of a delivery order's log: how many, and the latest of their dates by the clock
// of that log (zero where none has one). A log may be append-only or not: a cancellation that was rejected may leave its
// event behind (assumed either way).
type CanceledEvents struct {
	Number int       `json:"number"`
	Last   time.Time `json:"last,omitzero"`
}

// Beyond reports whether there is an event that was not among those known before: by their number or, where the log lost
// some, by a date later than the latest known. Dates are compared with dates of the same log only; events without a date
// count by their number.
func (c CanceledEvents) Beyond(before CanceledEvents) bool {
	return c.Number > before.Number || !before.Last.IsZero() && c.Last.After(before.Last)
}

// Merge returns what is known of a log after two looks at it.
func (c CanceledEvents) Merge(other CanceledEvents) CanceledEvents {
	c.Number = max(c.Number, other.Number)
	if other.Last.After(c.Last) {
		c.Last = other.Last
	}
	return c
}

// Cancellation is a cancel that was sent of a delivery order of ours.
type Cancellation struct {
	SentAt       time.Time      `json:"sent_at"`
	ReasonIfKept Reason         `json:"else"`           // how the row ends where it is not confirmed
	Before       CanceledEvents `json:"before"`         // known when it was sent
	RepliesLost  int            `json:"lost,omitempty"` // how often in a row it was sent without a reply: it may never have arrived
}

// DetachReplacement ends the record's claim on its replacement, which is cancelled or rejected. It is watched from then on as
// a former one.
func (r *Reassignment) DetachReplacement() {
	r.PastReplacements = append(r.PastReplacements, r.Replacement)
	r.Replacement, r.Adopted, r.SentAt = "", false, time.Time{}
	r.ReplacementCancel, r.ReplacementGoneAt, r.ReplacementMissingSince = nil, time.Time{}, time.Time{}
}

// CanceledKnown are the CANCELED events of the original that were known when its cancel was sent; none where none was.
func (r *Reassignment) CanceledKnown() CanceledEvents {
	if r.CanceledBefore == nil {
		return CanceledEvents{}
	}
	return *r.CanceledBefore
}
