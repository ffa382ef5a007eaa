package ops

import (
	"context"
	"errors"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/ops/refusal"
	"happycolis-reassigner/worker/plaintext"
)

// orderAction is a verb on delivery orders.
type orderAction struct {
	verb string
	run  func(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
	look string // the command that lists what it applies to
}

// look is the command that lists what needs an operator.
const look = "reassigner orders list --needs-person"

// RetryOrders tries again what needs an operator, or waits for capacity.
func (a *Actions) RetryOrders(ctx context.Context, user string, want api.ActionRequest) (api.ActionResult, error) {
	return a.runOrderAction(ctx, user, want, orderAction{api.VerbRetry, a.Handover.Retry, look})
}

// LeaveOrders closes what needs an operator, or waits for capacity.
func (a *Actions) LeaveOrders(ctx context.Context, user string, want api.ActionRequest) (api.ActionResult, error) {
	return a.runOrderAction(ctx, user, want, orderAction{api.VerbLeave, a.Handover.Leave, look})
}

// ProceedOrders goes on with what waits for a cancellation that was never confirmed.
func (a *Actions) ProceedOrders(ctx context.Context, user string, want api.ActionRequest) (api.ActionResult, error) {
	return a.runOrderAction(ctx, user, want, orderAction{api.VerbProceed, a.Handover.Proceed, look + " --reason-code cancel_unconfirmed"})
}

// runOrderAction does a verb on the delivery orders that the request names, or that its filter selects.
func (a *Actions) runOrderAction(ctx context.Context, user string, want api.ActionRequest, what orderAction) (api.ActionResult, error) {
	none := api.ActionResult{}
	switch {
	case len(want.IDs) == 0 && want.Filter == (api.Filter{}):
		return none, refusal.New(refusal.Invalid, "name delivery orders (ids), or a filter: incident, location, reason_code, organization")
	case len(want.IDs) > 0 && (api.Filter{Organization: want.Filter.Organization}) != want.Filter:
		return none, refusal.New(refusal.Invalid, "name delivery orders or a filter, not both")
	}
	if err := checkReason(want.Reason, want.DryRun); err != nil {
		return none, err
	}
	targets, result, err := a.selectTargets(ctx, want, what)
	if err != nil {
		return none, err
	}
	if want.Expect != nil && *want.Expect != len(targets) {
		return none, refusal.New(refusal.Conflict, "%d matched when they were counted, %d match now; nothing was done, look again", *want.Expect, len(targets))
	}
	if want.DryRun {
		return result, nil
	}
	if err := a.applyAction(ctx, targets, &result, what, handover.Actor{User: user, Reason: want.Reason}); err != nil {
		return none, err
	}
	if result.Done == 0 {
		return none, refusal.New(refusal.Conflict, "nothing was done: %s", result.Refused[0].Why)
	}
	return result, nil
}

// target names one reassignment. Only names are collected, so that memory stays small however many match.
type target struct{ organization, id, deliveryOrder string }

// selectTargets returns the wanted rows that the action applies to. Rows that match but to which it does not apply are
// not part of the count.
func (a *Actions) selectTargets(ctx context.Context, want api.ActionRequest, what orderAction) ([]target, api.ActionResult, error) {
	result := api.ActionResult{Refused: []api.RefusedRow{}, Orders: []api.OrderRow{}}
	var found []target
	others := 0 // rows that match, but to which the action does not apply
	seen := map[target]bool{}
	shown := a.Query.NewRows()
	take := func(r *journal.Reassignment) error {
		t := target{r.Identity.Organization, r.Identity.ID, r.Identity.DeliveryOrder}
		if seen[t] {
			return nil
		}
		seen[t] = true
		found = append(found, t)
		if len(result.Orders) >= query.Shown {
			return nil
		}
		row, err := shown.Row(ctx, r)
		result.Orders = append(result.Orders, row)
		return err
	}
	for _, name := range want.IDs {
		rows, err := a.Query.FindOrders(ctx, want.Filter.Organization, name)
		if err != nil {
			return nil, result, err
		}
		before := len(seen)
		for _, r := range rows {
			if !api.Applies(what.verb, r.State, r.Reason) {
				continue
			}
			if err := take(r); err != nil {
				return nil, result, err
			}
		}
		if len(seen) == before && !isTaken(seen, rows) {
			return nil, result, refusal.New(refusal.Conflict, "%s %s; %s; see its story: reassigner orders show %s", name, handover.DescribeState(rows[len(rows)-1]), api.Condition(what.verb), plaintext.ShellWord(name))
		}
	}
	if len(want.IDs) == 0 {
		want.Filter.NeedsPerson = true
		for r, err := range a.Query.MatchOrders(ctx, want.Filter) {
			if err != nil {
				return nil, result, err
			}
			if !api.Applies(what.verb, r.State, r.Reason) {
				others++
				continue
			}
			if err := take(r); err != nil {
				return nil, result, err
			}
		}
	}
	result.Matched = len(found)
	switch {
	case len(found) == 0 && others > 0:
		return nil, result, refusal.New(refusal.NotFound, "%s, and nothing that matches does; see what does: %s", api.Condition(what.verb), what.look)
	case len(found) == 0:
		return nil, result, refusal.New(refusal.NotFound, "nothing that needs a person matches; see what does: %s", look)
	}
	return found, result, nil
}

// isTaken reports whether one of the rows was selected already under another of its names.
func isTaken(seen map[target]bool, rows []*journal.Reassignment) bool {
	for _, r := range rows {
		if seen[target{r.Identity.Organization, r.Identity.ID, r.Identity.DeliveryOrder}] {
			return true
		}
	}
	return false
}

// applyAction acts on one row after the other, each read anew, and writes each to the audit log. A row that changed
// meanwhile is listed as refused and does not stop the rest; any other error stops, and the answer says how many were
// done.
func (a *Actions) applyAction(ctx context.Context, targets []target, result *api.ActionResult, what orderAction, by handover.Actor) error {
	for _, t := range targets {
		err := a.audited(ctx, t.organization, by, "orders "+what.verb, t.deliveryOrder, "done", func() error {
			r, err := a.Journal.GetOrStub(ctx, t.organization, t.id)
			if err == nil {
				err = what.run(ctx, r, by)
			}
			if err == nil {
				result.Done++
			}
			return err
		})
		switch {
		case err == nil:
		case errors.Is(err, handover.ErrNotApplicable), errors.Is(err, handover.ErrMovedOn), errors.Is(err, journal.ErrObsolete), errors.Is(err, journal.ErrNotFound),
			errors.Is(err, journal.ErrNewer):
			_, why := refusal.Explain(err)
			result.Refused = append(result.Refused, api.RefusedRow{DeliveryOrderID: t.deliveryOrder, OrderNumber: a.Query.OrderNumber(ctx, t.organization, t.deliveryOrder), Why: why})
		default:
			return refusal.After(result.Done, len(targets), err)
		}
	}
	return nil
}
