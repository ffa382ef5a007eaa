// Package handover moves one delivery order from a failing location to a fallback, safely: read it
// again, decide, and walk the steps of a table, each with its intent recorded before the call and its
// result after. A crash or a lost reply between any two lines resumes from a fresh read. A step returns an
// error: nil goes on to the next, an outcome (outcome.go) says what else becomes of the reassignment.
//
// The order of the steps is the point. A replacement is prepared as a DRAFT while the original still
// stands, so every refusal shows before anything is destroyed; the original is released (cancelled)
// only then; the replacement is sent only when the release is confirmed and the quantities of the whole
// order add up.
//
// A DRAFT original is simply moved: nothing was sent, nothing is released.
package handover

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/cache"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
)

// Settings are the operator's choices, from the handover section of the configuration.
type Settings struct {
	Statuses         []string // original statuses that are moved: DRAFT, PENDING, OPENED
	LeaveAutomatic   bool     // leave delivery orders of orders that the platform dispatches by itself
	RedispatchSettle time.Duration
	Poll             time.Duration // first distance of the polls beside the webhooks
	CancelTimeout    time.Duration
	AcceptTimeout    time.Duration
	MaxHops          int
	Request          time.Duration // deadline of one request
	Settle           time.Duration // of incidents: how long a candidate that may have failed is waited for
}

// Handover drives reassignments.
type Handover struct {
	Journal       *journal.Journal
	Index         *index.Index
	Ledger        *ledger.Ledger
	Decider       *decision.Decider // reads and decides for the attempts; it is given the stores, and the settings that it needs
	Queue         tasks.Queue
	Organizations map[string]*worker.Organization
	Settings      Settings
	Now           func() time.Time
	Elapsed       func() time.Duration // a clock that nobody sets; nil: the process's own
	// OnStep and OnFinish tell how long a reassignment stood at a step that it leaves, and that it came to
	// rest; nil: nobody wants to know.
	OnStep   func(step string, took time.Duration)
	OnFinish func(*journal.Reassignment)
	Log      *slog.Logger

	originals    readCache
	canaryPassed cache.Cache[string, struct{}] // incidents whose canary is over: one of their replacements was sent
}

// turnsMost bounds the steps of one run; a reassignment has fewer.
const turnsMost = 40

// Handle runs order:reassign.
func (h *Handover) Handle(ctx context.Context, payload []byte) worker.Outcome {
	m, err := tasks.Decode[tasks.Reassign](payload)
	if err != nil {
		return worker.Retry(err)
	}
	org := h.Organizations[m.Organization]
	if org == nil {
		return worker.Superseded("organization is not configured any more")
	}
	r, err := h.Journal.Claim(ctx, m.Organization, m.Reassignment, m.At, h.Now())
	switch {
	case errors.Is(err, journal.ErrObsolete):
		return h.handleArchivedRerun(ctx, m)
	case journal.IsUnreadable(err):
		return worker.Superseded(err.Error())
	case err != nil:
		return worker.Retry(err)
	}
	x := h.newAttempt(org, r, m)
	defer x.unlockOrder(ctx)
	return x.walkSteps(ctx)
}

// handleArchivedRerun answers a task whose version is not the record's. It is the one that stands archived for a row
// that needs an operator, run again: that is a retry, by whoever may use the web UI, and by asynq itself
// where it runs a task twice. Else it is obsolete.
func (h *Handover) handleArchivedRerun(ctx context.Context, m tasks.Reassign) worker.Outcome {
	r, err := h.Journal.Get(ctx, m.Organization, m.Reassignment)
	if journal.IsUnreadable(err) {
		return worker.Superseded(err.Error())
	}
	if err != nil {
		return worker.Retry(err)
	}
	if r.State != journal.NeedsPerson || r.Retry.ArchivedVersion != m.At {
		return worker.Superseded("the reassignment moved on")
	}
	by := Actor{User: "asynq web UI", Reason: "run again in the asynq web UI"}
	if err := h.restart(ctx, r, "retry", by, r.Plan.ManualRetry); err != nil { // asynq does it too: it is nobody's approval
		return worker.Retry(err)
	}
	return worker.Completed()
}

// taskFor is the task that drives r on.
func taskFor(r *journal.Reassignment) tasks.Reassign {
	return tasks.Reassign{V: tasks.Version, Organization: r.Identity.Organization, Reassignment: r.Identity.ID, At: r.Version, Begun: r.Admission.Admitted}
}
