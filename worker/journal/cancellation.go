package journal

import "time"

// CanceledEvents are the CANCELED events in the log of a delivery order: how many there are, and the latest of their
// dates by the clock of that log (zero where none has a date). A cancellation that was rejected may leave its event in
// the log or not (assumed either way), so the mere existence of an event proves nothing; see Beyond.
type CanceledEvents struct {
	Number int       `json:"number"`
	Last   time.Time `json:"last,omitzero"`
}

// Beyond reports whether the log has an event that was not known before: by the number of events or, where the log
// lost some, by a date later than the latest known. Dates are compared with dates of the same log only; events without
// a date count by their number.
func (c CanceledEvents) Beyond(before CanceledEvents) bool {
	return c.Number > before.Number || !before.Last.IsZero() && c.Last.After(before.Last)
}

// Merge combines what two reads of the same log showed: the larger number and the later date.
func (c CanceledEvents) Merge(other CanceledEvents) CanceledEvents {
	c.Number = max(c.Number, other.Number)
	if other.Last.After(c.Last) {
		c.Last = other.Last
	}
	return c
}

// Cancellation is a cancel that we sent of a delivery order that we created.
type Cancellation struct {
	SentAt       time.Time      `json:"sent_at"`
	ReasonIfKept Reason         `json:"else"`           // the reason of the row where the cancel is not confirmed
	Before       CanceledEvents `json:"before"`         // the events known when it was sent
	RepliesLost  int            `json:"lost,omitempty"` // how often in a row no reply came: it may never have arrived
}

// DetachReplacement removes the replacement, which is cancelled or rejected, from the record. It is kept in
// Replacement.Past and watched from then on.
func (r *Reassignment) DetachReplacement() {
	r.Replacement.Past = append(r.Replacement.Past, r.Replacement.ID)
	r.Replacement.ID, r.Replacement.Adopted, r.Replacement.SentAt = "", false, time.Time{}
	r.Replacement.Cancel, r.Replacement.GoneAt, r.Replacement.MissingSince = nil, time.Time{}, time.Time{}
}

// CanceledKnown returns the CANCELED events of the original that were known when its cancel was sent; the zero value
// where none was sent.
func (r *Reassignment) CanceledKnown() CanceledEvents {
	if r.Release.CanceledBefore == nil {
		return CanceledEvents{}
	}
	return *r.Release.CanceledBefore
}
