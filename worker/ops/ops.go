// Package ops is what operators do: open, approve, stop, unblock and close an incident; retry, leave and proceed with a delivery order;
// pause and resume; import. Each action is one method, called by the admin API, by the console, and of what the task queue's
// web UI does, for the audit log. An action wants a reason, except a dry run, which changes nothing and says what the action
// would apply to; where that is a number, the action takes it as expected and does nothing if another number matches by then.
//
// What is done is written to the audit log twice: before, as asked, and after, with the result. Where the first cannot be
// written nothing is done; where the second is missing, it may have been done. Errors are those of package refusal, and of the
// packages that do it: refusal.Explain has the words for all of them.
package ops

import (
	"context"
	"strings"
	"time"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/ops/refusal"
)

// Actions are what operators do. The fields must be set before it is used.
type Actions struct {
	Query         *query.Reader
	Journal       *journal.Journal
	Index         *index.Index
	Organizations map[string]*worker.Organization
	Handover      Handovers
	Incidents     Incidents
	FirstRepeat   time.Duration // before the first repeat of a read that failed; 0: half a second
	Now           func() time.Time

	pending pendingImports
}

// LimitTo returns the actions of a user to whom there are only these organizations.
func (a *Actions) LimitTo(organizations []string) *Actions {
	q := a.Query.LimitTo(organizations)
	return &Actions{Query: q, Journal: a.Journal, Index: a.Index, Organizations: q.Organizations, Handover: a.Handover, Incidents: a.Incidents,
		FirstRepeat: a.FirstRepeat, Now: a.Now}
}

// Handovers are the operator actions on one reassignment; package handover implements it.
type Handovers interface {
	Retry(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
	Leave(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
	Proceed(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
	Reapprove(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
}

// Incidents are the operator actions on one incident, or on all; package incident implements it.
type Incidents interface {
	Stop(ctx context.Context, inc *journal.Incident, by handover.Actor) error
	OpenByHand(ctx context.Context, organization, location string, by handover.Actor) (*journal.Incident, error)
	CheckOpenable(ctx context.Context, organization, location string) error
	CloseByHand(ctx context.Context, inc *journal.Incident, by handover.Actor) error
	Unblock(ctx context.Context, inc *journal.Incident, by handover.Actor) error
	DescribeUnblock(ctx context.Context, inc *journal.Incident) (string, error)
	CheckApprovable(ctx context.Context, inc *journal.Incident) error
	FreezePlan(ctx context.Context, inc *journal.Incident) (*journal.Incident, error)
	ContinueApproved(ctx context.Context, inc *journal.Incident) error
	Pause(ctx context.Context, organization, scope string, by handover.Actor) (bool, error)
	Resume(ctx context.Context, organization, scope string, by handover.Actor) (bool, error)
}

// checkReason refuses an action without a reason.
func checkReason(reason string, dryRun bool) error {
	if !dryRun && strings.TrimSpace(reason) == "" {
		return refusal.New(refusal.Invalid, "a reason is missing: say why, for the audit log")
	}
	return nil
}

// audited runs an operator's action between two entries of the audit log: one with what is asked, one with the result.
// If the first cannot be written, the action is not run. Where the second is missing, it may have been run.
func (a *Actions) audited(ctx context.Context, organization string, by handover.Actor, verb, target, done string, do func() error) error {
	if err := a.recordAudit(ctx, organization, by, verb, target, api.AuditAsked); err != nil {
		return err
	}
	err := do()
	result := done
	if kind, why := refusal.Explain(err); err != nil && kind.IsFailure() {
		result = "failed: " + why
	} else if err != nil {
		result = "refused: " + why
	}
	// A client that closes the connection meanwhile does not keep the result out of the log.
	if missed := a.writeAudit(context.WithoutCancel(ctx), organization, by, verb, target, result); err == nil {
		err = missed
	}
	return err
}

// writeAudit appends the entry with the result of an action to the audit log, and logs it.
func (a *Actions) writeAudit(ctx context.Context, organization string, by handover.Actor, verb, target, result string) error {
	number := ""
	if strings.HasPrefix(verb, "orders ") {
		if known := a.Query.OrderNumber(ctx, organization, target); known != nil {
			number = *known
		}
	}
	a.Query.Log.InfoContext(ctx, "operator action", "organization", organization, "user", by.User, "verb", verb, "target", target,
		"order_number", number, "result", result)
	return a.recordAudit(ctx, organization, by, verb, target, result)
}

// recordAudit appends one entry to the audit log.
func (a *Actions) recordAudit(ctx context.Context, organization string, by handover.Actor, verb, target, result string) error {
	return a.Journal.RecordAudit(ctx, organization, journal.AuditEntry{
		At: a.Now().UTC(), User: by.User, Verb: verb, Target: target, Reason: by.Reason, Result: result,
	})
}
