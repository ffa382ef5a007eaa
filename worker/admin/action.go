package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// ActionRequest asks for an action on reassignments that need an operator; on one that waits for capacity, too, where
// it is named by id.
type ActionRequest struct {
	IDs    []string `json:"ids,omitempty"`
	Filter Filter   `json:"filter,omitzero"`
	Reason string   `json:"reason,omitempty"`
	DryRun bool     `json:"dry_run,omitempty"`
	Expect *int     `json:"expect,omitempty"`
}

// ActionResult is the answer to an ActionRequest.
type ActionResult struct {
	Matched int          `json:"matched"`
	Done    int          `json:"done"`
	Refused []RefusedRow `json:"refused"`
	Orders  []OrderRow   `json:"orders"` // the first of the matching ones, as they were before
}

// RefusedRow is a reassignment to which the action did not apply any more.
type RefusedRow struct {
	DeliveryOrderID string `json:"delivery_order_id"`
	Why             string `json:"why"`
}

// maxShown is how many of the matching rows an answer contains.
const maxShown = 50

type actionFunc func(ctx context.Context, r *journal.Reassignment, by handover.Actor) error

// operatorAction is a verb, with the rows that it applies to.
type operatorAction struct {
	name      string
	run       actionFunc
	applies   func(*journal.Reassignment) bool
	condition string // describes them, for an error
	look      string // the command that lists them
}

func (d *Server) handleRetry(w http.ResponseWriter, r *http.Request) error {
	return d.runAction(w, r, actionOnActionable("orders retry", d.Handover.Retry))
}

func (d *Server) handleLeave(w http.ResponseWriter, r *http.Request) error {
	return d.runAction(w, r, actionOnActionable("orders leave", d.Handover.Leave))
}

func actionOnActionable(name string, do actionFunc) operatorAction {
	return operatorAction{name, do, handover.IsActionable, "only what needs a person or waits for capacity can be acted on", "reassigner orders list --needs-person"}
}

func (d *Server) handleProceed(w http.ResponseWriter, r *http.Request) error {
	return d.runAction(w, r, operatorAction{
		"orders proceed", d.Handover.Proceed, handover.CanProceed,
		"proceed applies only to what rests as cancel_unconfirmed", "reassigner orders list --needs-person --reason-code cancel_unconfirmed",
	})
}

func (d *Server) runAction(w http.ResponseWriter, r *http.Request, what operatorAction) error {
	var want ActionRequest
	if err := readBody(r, &want); err != nil {
		return err
	}
	if len(want.IDs) == 0 && want.Filter == (Filter{}) {
		return newRefusal(http.StatusBadRequest, "name delivery orders (ids), or a filter: incident, location, reason_code, organization")
	}
	if len(want.IDs) > 0 && (Filter{Organization: want.Filter.Organization}) != want.Filter {
		return newRefusal(http.StatusBadRequest, "name delivery orders or a filter, not both")
	}
	if !want.DryRun && strings.TrimSpace(want.Reason) == "" {
		return newRefusal(http.StatusBadRequest, "%s", noReason)
	}
	targets, result, err := d.selectTargets(r.Context(), want, what)
	if err != nil {
		return err
	}
	if want.Expect != nil && *want.Expect != len(targets) {
		return newRefusal(http.StatusConflict, "%d matched when they were counted, %d match now; nothing was done, look again", *want.Expect, len(targets))
	}
	if !want.DryRun {
		if err := d.applyAction(r.Context(), targets, &result, what, handover.Actor{User: UserOf(r).Name, Reason: want.Reason}); err != nil {
			return err
		}
		if result.Done == 0 {
			return newRefusal(http.StatusConflict, "nothing was done: %s", result.Refused[0].Why)
		}
	}
	writeJSON(w, http.StatusOK, result)
	return nil
}

// target names one reassignment. Only names are collected, so that memory stays small however many match.
type target struct{ organization, id, deliveryOrder string }

// selectTargets returns the wanted rows that the action applies to. Rows that match but to which it does not apply are
// not part of the count.
func (d *Server) selectTargets(ctx context.Context, want ActionRequest, what operatorAction) ([]target, ActionResult, error) {
	result := ActionResult{Refused: []RefusedRow{}, Orders: []OrderRow{}}
	var found []target
	others := 0 // rows that match, but to which the action does not apply
	seen := map[target]bool{}
	take := func(r *journal.Reassignment) {
		t := target{r.Organization, r.ID, r.DeliveryOrder}
		if seen[t] {
			return
		}
		seen[t] = true
		found = append(found, t)
		if len(result.Orders) < maxShown {
			result.Orders = append(result.Orders, newOrderRow(r))
		}
	}
	for _, name := range want.IDs {
		rows, err := d.findRows(ctx, want.Filter.Organization, name)
		if err != nil {
			return nil, result, err
		}
		before := len(seen)
		for _, r := range rows {
			if what.applies(r) {
				take(r)
			}
		}
		if len(seen) == before && !isTaken(seen, rows) {
			return nil, result, newRefusal(http.StatusConflict, "%s %s; %s; see its story: reassigner orders show %s", name, handover.DescribeState(rows[len(rows)-1]), what.condition, plaintext.ShellWord(name))
		}
	}
	if len(want.IDs) == 0 {
		want.Filter.NeedsPerson = true
		for r, err := range d.matchRows(ctx, want.Filter) {
			if err != nil {
				return nil, result, err
			}
			if what.applies(r) {
				take(r)
			} else {
				others++
			}
		}
	}
	result.Matched = len(found)
	switch {
	case len(found) == 0 && others > 0:
		return nil, result, newRefusal(http.StatusNotFound, "%s, and nothing that matches does; see what does: %s", what.condition, what.look)
	case len(found) == 0:
		return nil, result, newRefusal(http.StatusNotFound, "nothing that needs a person matches; see what does: reassigner orders list --needs-person")
	}
	return found, result, nil
}

// isTaken reports whether one of the rows was selected already under another of its names.
func isTaken(seen map[target]bool, rows []*journal.Reassignment) bool {
	for _, r := range rows {
		if seen[target{r.Organization, r.ID, r.DeliveryOrder}] {
			return true
		}
	}
	return false
}

// applyAction acts on one row after the other, each read anew, and writes each to the audit log. A row that changed
// meanwhile is listed as refused and does not stop the rest; any other error stops, and the answer says how many were
// done.
func (d *Server) applyAction(ctx context.Context, targets []target, result *ActionResult, what operatorAction, by handover.Actor) error {
	for _, t := range targets {
		err := d.audited(ctx, t.organization, by, what.name, t.deliveryOrder, "done", func() error {
			r, err := d.Journal.GetOrStub(ctx, t.organization, t.id)
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
			_, why := HTTPStatus(err)
			result.Refused = append(result.Refused, RefusedRow{t.deliveryOrder, why})
		default:
			return &partialError{result.Done, len(targets), err}
		}
	}
	return nil
}
