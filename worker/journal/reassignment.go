package journal

import (
	"slices"
	"time"

	"happycolis-reassigner/worker/api"
)

// SchemaVersion is the version of the records' layout that this release writes. It reads this one and the one before.
const SchemaVersion = 1

// maxHistory is how many entries the history of a record has; the oldest are dropped first.
const maxHistory = 100

// Line is a line of the replacement, by the line ids of the parent order.
type Line struct {
	OrderLine string `json:"order_line"`
	SKU       string `json:"sku"`
	Quantity  int    `json:"quantity"`
}

// Intent is a mutation that was about to be sent and whose result is not recorded yet. AbsentSince is when a read first did
// not show its effect; it counts as not applied only after a second such read, one request timeout later. ReplyLost: a
// reply was lost at least once, so a later refusal proves nothing.
type Intent struct {
	Step              string    `json:"step"`
	At                time.Time `json:"at"`
	AbsentSince       time.Time `json:"absent,omitzero"`
	ReplyLost         bool      `json:"lost,omitempty"`
	RefusedUnverified bool      `json:"denied,omitempty"` // refused; no read has shown yet whether it was applied all the same
	// SameCodeTwice: the platform answered the same unclear code as the time before. If no read shows the effect this
	// time either, that was a refusal.
	SameCodeTwice bool `json:"refused,omitempty"`
}

// AbsentFor returns how long before read the effect was first found missing; 0 if it never was.
func (i *Intent) AbsentFor(read time.Time) time.Duration {
	if i.AbsentSince.IsZero() {
		return 0
	}
	return read.Sub(i.AbsentSince)
}

// MarkUncertain marks the intent's result as unknown, since its reply was lost or its sender died, so that it is
// looked up. It reports whether it changed anything.
func (r *Reassignment) MarkUncertain() bool {
	if r.Intent == nil || r.Intent.RefusedUnverified {
		return false
	}
	r.Intent.ReplyLost = true
	return true
}

// Undo is how the reassignment ends once what was prepared is taken back.
type Undo struct {
	Then      State  `json:"then"` // Left or NeedsPerson; with Late, Reassigned too
	Reason    Reason `json:"reason"`
	Explained bool   `json:"told,omitempty"` // the operator who leaves it knows that its replacement was sent
	Late      bool   `json:"late,omitempty"` // only late DRAFTs are withdrawn; then the record rests as before
}

// Entry is one line of history.
type Entry = api.Entry

// Note adds an entry to the history. The same note again, as from a step that waits, replaces the last entry and so
// has the later time.
func (r *Reassignment) Note(at time.Time, note string) {
	r.appendHistory(Entry{At: at, Step: r.Step, Note: note})
}

func (r *Reassignment) appendHistory(e Entry) {
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if last := len(r.History) - 1; last >= 0 {
		again := r.History[last]
		if again.At = e.At; e.By == "" && again == e {
			r.History[last] = e
			return
		}
	}
	r.History = append(r.History, e)
	if extra := len(r.History) - maxHistory; extra > 0 {
		r.History = slices.Delete(r.History, 0, extra)
	}
}

// CurrentReplacement returns the delivery order that replaces, or may replace, the original; "" if none.
func (r *Reassignment) CurrentReplacement() string {
	if r.Replacement.ID == "" {
		return r.Replacement.UnprovenDraftID
	}
	return r.Replacement.ID
}
