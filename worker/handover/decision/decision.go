// Package decision says what should become of one delivery order: it reads it, screens it, gathers the facts about it and
// its candidates, and lets the policy choose. It changes neither journal nor ledger and sends no mutation; a read may take
// a token of the rate limit, and tells the index what it showed. The attempt (package handover) carries the Decision out,
// and admission, canary, reservation and recording are the attempt's; a forecast (package plan) only counts it. For the
// same reads both get the same Decision.
//
// Errors are those of the platform (happycolis.Error) and of our own stores, as they came: what a failed request means is for
// the caller to say, who may wait, or not.
package decision

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/cache"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
)

// Fresh is how old a read may be, at most, for what is done on the strength of it.
const Fresh = 5 * time.Second

// Settings are the operator's choices that a decision depends on besides the policy.
type Settings struct {
	Statuses       []string      // original statuses that are moved: DRAFT, PENDING, OPENED
	LeaveAutomatic bool          // leave delivery orders of orders that the platform dispatches by itself
	MaxHops        int           // how many locations a delivery order may have been sent to
	Settle         time.Duration // how long a candidate that may have failed is waited for
}

// Journal is what a decision reads of the journal.
type Journal interface {
	Incident(ctx context.Context, organization, id string) (*journal.Incident, error)
	OpenIncidents(ctx context.Context, organization string) (map[string]string, error)
	OpenByLineage(ctx context.Context, organization, deliveryOrder string) (*journal.Reassignment, string, error)
	Now(ctx context.Context) (time.Time, error)
	Pauses(ctx context.Context, organization string) ([]journal.Pause, error)
	PausedDuration(ctx context.Context, organization, location string, since, now time.Time, others ...string) (time.Duration, error)
}

// Ledger is what a decision reads of the stock and the capacity of a candidate.
type Ledger interface {
	Availability(ctx context.Context, organization string, q ledger.Query) (ledger.Availability, error)
}

// Decider is what all decisions of a process share. Its methods may be called by several goroutines.
type Decider struct {
	Journal  Journal
	Index    *index.Index
	Ledger   Ledger
	Settings Settings
	Now      func() time.Time
	// Sleep waits out a pause of the rate limit that is shorter than the queue can tell; nil: whoever asked is told to wait,
	// however short the wait is.
	Sleep func(ctx context.Context, d time.Duration)
	Log   *slog.Logger

	Priority MutationPriority

	reads     singleflight.Group
	locations cache.Cache[string, *happycolis.Location] // read last, by organization and name as written
}

// Reader reads and decides for one delivery order. It is not for several goroutines.
type Reader struct {
	*Decider
	Ledger Ledger // the Decider's, or another one

	// Late says that the platform took so long over the last read that little is left of the time it is good for.
	Late bool

	org *worker.Organization
	r   *journal.Reassignment
}

// NewReader returns a reader for the delivery order of a record. Of the record only the number of requests is changed: each
// that was granted is counted.
func (d *Decider) NewReader(org *worker.Organization, r *journal.Reassignment) *Reader {
	return &Reader{Decider: d, Ledger: d.Ledger, org: org, r: r}
}

// Decision is what should become of a delivery order, and why.
type Decision struct {
	// State is Reassigned, Holding (it waits for the capacity of a candidate, or until it is clear whether one failed), Left or
	// NeedsPerson; "" where nothing was decided yet.
	State    journal.State
	Reason   journal.Reason   // of Left and NeedsPerson
	Target   policy.Ranked    // of Reassigned
	Draft    string           // of UnprovenDraft: the DRAFT that stands elsewhere
	Policy   *policy.Decision // with its trace; nil where the policy was not asked
	Facts    policy.Facts     // that the policy was asked with
	Requests int              // to the platform that carrying it out takes, polls not counted
}

// The requests that a handover takes.
const (
	requestsOfNone    = 1 // read
	requestsOfDraft   = 3 // read, update, read back
	requestsOfPending = 5 // read, create, cancel, read, open and request
)

// RequestsFor returns how many requests to the platform a delivery order takes that ends in a state, by its status and the
// dispatching type of its order ("" where it is not known). Polls and waits for confirmations are not counted.
func RequestsFor(ends journal.State, status, dispatch string) int {
	switch {
	case ends != journal.Reassigned && ends != journal.Holding:
		return requestsOfNone
	case status == orders.StatusDraft:
		return requestsOfDraft
	case dispatch == orders.DispatchAutomatic:
		return requestsOfPending + 1
	}
	return requestsOfPending
}

// IsFresh reports whether a read is good for what is done on the strength of it. One of the future, by a clock that was set
// back, is not.
func (d *Decider) IsFresh(read time.Time) bool {
	age := d.Now().Sub(read)
	return 0 <= age && age <= Fresh
}

// HasElapsed reports whether a read was made as long after a time, pauses not counted.
func (x *Reader) HasElapsed(ctx context.Context, since, read time.Time, timeout time.Duration) (bool, error) {
	stood, err := x.Journal.PausedDuration(ctx, x.r.Identity.Organization, x.r.Identity.FromID, since, read, x.r.Decision.ToID)
	if err != nil {
		return false, err
	}
	return read.Sub(since)-stood >= timeout, nil
}
