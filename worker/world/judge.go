package world

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
)

// Judge compares what the platform did with the rows and incidents of the journal, as P1 to P3 demand.
func (w *World) Judge(ctx context.Context) (sandbox.Verdict, error) {
	rows, err := w.Rows(ctx)
	if err != nil {
		return sandbox.Verdict{}, err
	}
	var told []sandbox.Row
	for _, r := range rows {
		told = append(told, sandbox.Row{OrganizationID: r.Identity.Organization, IncidentID: r.Identity.Incident, DeliveryOrderID: r.Identity.DeliveryOrder,
			OrderNumber: r.Identity.OrderNumber, ReplacementID: r.CurrentReplacement(), OrderIDs: r.Identity.Orders, From: r.Identity.From, To: r.Decision.To,
			OriginalStatus: r.Original.Status, State: string(r.State), Reason: string(r.Reason), UpdatedAt: r.UpdatedAt.Format(time.RFC3339)})
	}
	ids, err := w.Journal.IncidentIDs(ctx, Org)
	if err != nil {
		return sandbox.Verdict{}, err
	}
	var incidents []sandbox.Incident
	for _, id := range ids {
		inc, err := w.Journal.Incident(ctx, Org, id)
		if errors.Is(err, journal.ErrCorrupt) || errors.Is(err, journal.ErrNewer) {
			continue // the incident neither drains nor watches any more
		}
		if err != nil {
			return sandbox.Verdict{}, err
		}
		unapproved, err := w.listUnapproved(ctx, inc)
		if err != nil {
			return sandbox.Verdict{}, err
		}
		incidents = append(incidents, sandbox.Incident{OrganizationID: inc.Organization, IncidentID: inc.ID, LocationID: inc.LocationID,
			State: string(inc.State), ByHand: w.heldByHand(inc), Unapproved: unapproved})
	}
	return sandbox.JudgeAtRest(w.Platform.Books(), told, incidents), nil
}

// heldByHand is when an operator answered for the location of an incident, by the platform's clock; nil: none did.
func (w *World) heldByHand(inc *journal.Incident) *sandbox.ByHand {
	if inc.ByHand == nil {
		return nil
	}
	held := &sandbox.ByHand{At: inc.ByHand.At.Add(-w.options.Skew)}
	if !inc.ByHand.EndedAt.IsZero() {
		held.EndedAt = inc.ByHand.EndedAt.Add(-w.options.Skew)
	}
	return held
}

// listUnapproved returns the delivery orders that an incident which moves by plans shows as waiting for an approval.
func (w *World) listUnapproved(ctx context.Context, inc *journal.Incident) ([]string, error) {
	if !inc.ByPlan {
		return nil, nil
	}
	var ids []string
	for cursor := ""; ; {
		page, next, err := w.Index.InFlight(ctx, Org, inc.LocationID, cursor, 200)
		if err != nil {
			return nil, err
		}
		standings, err := w.Journal.ApprovalStatuses(ctx, Org, inc.ID, inc.Plan, page)
		if err != nil {
			return nil, err
		}
		for i, s := range standings {
			if !s.Enrolled && !s.Approved {
				ids = append(ids, page[i])
			}
		}
		if cursor = next; next == "" {
			return ids, nil
		}
	}
}
