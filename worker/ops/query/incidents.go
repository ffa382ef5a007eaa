package query

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
	"happycolis-reassigner/worker/plaintext"
)

// Shown is how many rows an answer has that shows the first of many.
const Shown = 50

// ListIncidents yields the incidents that a filter selects, newest first.
func (q *Reader) ListIncidents(ctx context.Context, f api.IncidentFilter) iter.Seq2[api.IncidentRow, error] {
	return func(yield func(api.IncidentRow, error) bool) {
		if err := validateWord("state", f.State, api.IncidentStates()); err != nil {
			yield(api.IncidentRow{}, err)
			return
		}
		names, err := q.matchIncidents(ctx, api.Filter{Organization: f.Organization})
		if err != nil {
			yield(api.IncidentRow{}, err)
			return
		}
		for _, name := range names {
			inc, err := q.Journal.Incident(ctx, name.organization, name.id)
			if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) {
				continue
			}
			if err == nil && (f.State != "" && inc.State != f.State || f.Open && !inc.State.IsOpen() || inc.OpenedAt.Before(f.Since)) {
				continue
			}
			var tally journal.Tally
			if err == nil {
				tally, err = q.Journal.Tally(ctx, inc.Organization, inc.ID)
			}
			if err != nil {
				yield(api.IncidentRow{}, err)
				return
			}
			if !yield(newIncidentRow(inc, tally.States), nil) {
				return
			}
		}
	}
}

// ReadIncident returns the incident with this id as it is now, with its gates and its history.
func (q *Reader) ReadIncident(ctx context.Context, id string) (api.IncidentDetail, error) {
	inc, err := q.FindIncident(ctx, id)
	if err != nil {
		return api.IncidentDetail{}, err
	}
	return q.DescribeIncident(ctx, inc)
}

// DescribeIncident returns an incident that was read, with its gates and what is in progress.
func (q *Reader) DescribeIncident(ctx context.Context, inc *journal.Incident) (detail api.IncidentDetail, err error) {
	tally, err := q.Journal.Tally(ctx, inc.Organization, inc.ID)
	if err != nil {
		return detail, err
	}
	detail.IncidentRow = newIncidentRow(inc, tally.States)
	if detail.InFlight, err = q.Index.CountInFlight(ctx, inc.Organization, inc.LocationID); err != nil {
		return detail, err
	}
	if detail.UnderWay, err = q.countInProgress(ctx, inc, tally); err != nil {
		return detail, err
	}
	report, err := q.Incidents.Blocking(ctx, inc)
	if err != nil {
		return detail, err
	}
	detail.Record = newIncident(inc)
	detail.Record.Gates = report.Gates
	return detail, q.addApproval(ctx, inc, &detail)
}

// newIncident returns the record of an incident as it is shown.
func newIncident(i *journal.Incident) *api.Incident {
	return &api.Incident{
		SchemaVersion: i.SchemaVersion, ID: i.ID, Organization: i.Organization, LocationID: i.LocationID, Location: i.Location,
		Integration: i.Integration, State: i.State, OpenedAt: i.OpenedAt, ClosedAt: i.ClosedAt, UpdatedAt: i.UpdatedAt, Events: i.Events,
		Round: i.Round, Waivers: i.Waivers, DrainedAt: i.DrainedAt,
		ByHand: i.ByHand, ReadsError: i.ReadsError, SettlesAnew: i.SettlesAnew,
		LiftedBy: i.LiftedBy, ApprovedBy: i.ApprovedBy, ApprovedAt: i.ApprovedAt, ByPlan: i.ByPlan, Plan: i.Plan,
		FirstWalkDone: i.FirstWalkDone, ErrorAt: i.ErrorAt, RecoveredAt: i.RecoveredAt, IndexSince: i.IndexSince,
		IndexIncomplete: i.IndexIncomplete, Index: i.Index,
		Requests: i.Requests, Report: i.Report, History: i.History,
	}
}

// addApproval adds the plan to what is shown of an incident that waits for an approval, or moves by plans.
func (q *Reader) addApproval(ctx context.Context, inc *journal.Incident, detail *api.IncidentDetail) error {
	if inc.State == journal.AwaitingApproval || inc.ByPlan && inc.State.IsOpen() {
		waiting, err := q.Incidents.PendingApproval(ctx, inc)
		if err != nil {
			return err
		}
		detail.Waiting = &api.WaitingRow{Approved: waiting.Approved, Planned: waiting.Planned, Arrived: waiting.Arrived}
	}
	if !inc.ByPlan {
		return nil
	}
	changed, n, err := q.Journal.PlanDeviations(ctx, inc.Organization, inc.ID, Shown)
	if err != nil || n == 0 {
		return err
	}
	rows := q.NewRows()
	detail.LeftOut = &api.DeviationRows{Count: n, Orders: []api.DeviationRow{}}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		re, err := q.Journal.Get(ctx, inc.Organization, journal.ReassignmentID(inc.ID, id))
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return err
		}
		row, err := rows.Row(ctx, re)
		if err != nil {
			return err
		}
		detail.LeftOut.Orders = append(detail.LeftOut.Orders, api.DeviationRow{OrderRow: row, Changed: changed[id]})
	}
	return nil
}

// ListPlanRows yields the rows of the plan of an incident that is frozen.
func (q *Reader) ListPlanRows(ctx context.Context, id string) iter.Seq2[api.PlanRow, error] {
	return func(yield func(api.PlanRow, error) bool) {
		inc, err := q.FindIncident(ctx, id)
		if err == nil && inc.Plan == nil {
			err = refusal.New(refusal.NotFound, "incident %s has no plan yet; make one: reassigner incidents approve %s --dry-run", inc.ID, plaintext.ShellWord(inc.ID))
		}
		if err != nil {
			yield(api.PlanRow{}, err)
			return
		}
		for p, err := range q.Journal.PlanRows(ctx, inc.Organization, inc.ID, inc.Plan, 0) {
			re := &journal.Reassignment{Identity: journal.Identity{Organization: inc.Organization, Incident: inc.ID, DeliveryOrder: p.DeliveryOrder, OrderNumber: p.OrderNumber, Orders: p.Orders, From: p.From},
				Decision:  journal.Decision{To: p.To, ToID: p.ToID},
				Original:  journal.Original{Status: p.Status},
				State:     p.Action,
				Reason:    p.Reason,
				UpdatedAt: inc.Plan.MadeAt}
			row := newPlanRow(re)
			row.Stranded = p.Stranded
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
