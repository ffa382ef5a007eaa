package admin

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// ApproveRequest asks for a plan of an incident (dry_run), or approves that plan by its hash.
type ApproveRequest struct {
	Reason string `json:"reason,omitempty"`
	DryRun bool   `json:"dry_run,omitempty"`
	Hash   string `json:"hash,omitempty"`  // of the plan to approve
	Limit  int    `json:"limit,omitempty"` // approve only the first of those it moves; 0: all
	// Approved is how many rows of the plan were approved when it was shown. Where it is given, repeating the request
	// is refused instead of approving the next rows.
	Approved *int `json:"approved,omitempty"`
}

// handleApprove freezes a plan of an incident, or approves the one that is frozen. Without a hash nothing is approved, so
// that nobody approves a plan that was not shown.
func (d *Server) handleApprove(w http.ResponseWriter, r *http.Request) error {
	var want ApproveRequest
	if err := readBody(r, &want); err != nil {
		return err
	}
	switch {
	case want.Limit < 0:
		return newRefusal(http.StatusBadRequest, "limit is a number of delivery orders, from 1")
	case want.DryRun:
	case strings.TrimSpace(want.Reason) == "":
		return newRefusal(http.StatusBadRequest, "%s", noReason)
	}
	inc, err := d.findIncident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := d.Incidents.CheckApprovable(r.Context(), inc); err != nil {
		return err
	}
	if !want.DryRun && want.Hash == "" {
		return newRefusal(http.StatusBadRequest, "the hash of the plan is missing: ask for the plan with dry_run, look at it, then approve its hash")
	}
	if want.DryRun {
		if inc, err = d.Incidents.FreezePlan(r.Context(), inc); err != nil {
			return err
		}
	} else {
		by := handover.Actor{User: UserOf(r).Name, Reason: want.Reason}
		err := d.audited(r.Context(), inc.Organization, by, "incidents approve", inc.ID, "done: plan "+want.Hash, func() error {
			return d.Incidents.Approve(r.Context(), inc, incident.Approval{Hash: want.Hash, Limit: want.Limit, Approved: want.Approved}, by)
		})
		if err != nil {
			return err
		}
		if inc, err = d.Journal.Incident(r.Context(), inc.Organization, inc.ID); err != nil {
			return err
		}
	}
	detail, err := d.incidentDetail(r, inc)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, detail)
	return nil
}

// frozenPlan streams the rows of the frozen plan.
func (d *Server) frozenPlan(w http.ResponseWriter, r *http.Request) error {
	inc, err := d.findIncident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if inc.Plan == nil {
		return newRefusal(http.StatusNotFound, "incident %s has no plan yet; make one: reassigner incidents approve %s --dry-run", inc.ID, plaintext.ShellWord(inc.ID))
	}
	rows := jsonArray{w: w}
	for p, err := range d.Journal.PlanRows(r.Context(), inc.Organization, inc.ID, inc.Plan, 0) {
		if err != nil {
			return rows.fail(err)
		}
		re := &journal.Reassignment{Organization: inc.Organization, Incident: inc.ID, DeliveryOrder: p.DeliveryOrder, OrderNumber: p.OrderNumber,
			Orders: p.Orders, From: p.From, To: p.To, ToID: p.ToID, Status: p.Status, State: p.Action, Reason: p.Reason, UpdatedAt: inc.Plan.MadeAt}
		if err := rows.add(newPlanRow(re)); err != nil {
			return err
		}
	}
	return rows.close()
}

// addApproval adds the plan to what is shown of an incident that waits for an approval, or moves by plans.
func (d *Server) addApproval(ctx context.Context, detail *IncidentDetail) error {
	inc := detail.Record
	if inc.State == journal.AwaitingApproval || inc.ByPlan && inc.State.IsOpen() {
		waiting, err := d.Incidents.PendingApproval(ctx, inc)
		if err != nil {
			return err
		}
		detail.Waiting = &WaitingRow{Approved: waiting.Approved, Planned: waiting.Planned, Arrived: waiting.Arrived}
	}
	if !inc.ByPlan {
		return nil
	}
	changed, n, err := d.Journal.PlanDeviations(ctx, inc.Organization, inc.ID, maxShown)
	if err != nil || n == 0 {
		return err
	}
	detail.LeftOut = &DeviationRows{Count: n, Orders: []DeviationRow{}}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		re, err := d.Journal.Get(ctx, inc.Organization, journal.ReassignmentID(inc.ID, id))
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return err
		}
		detail.LeftOut.Orders = append(detail.LeftOut.Orders, DeviationRow{OrderRow: newOrderRow(re), Changed: changed[id]})
	}
	return nil
}
