package incident

import (
	"context"
	"errors"
	"fmt"

	"happycolis-reassigner/worker/journal"
)

// handleRecovered ends an incident whose integration is ACTIVE again. What was not released yet is left where it is;
// what was released is finished, and then the incident is closed with its report.
func (s *Incidents) handleRecovered(ctx context.Context, inc *journal.Incident) error {
	now := s.Now()
	if inc.State == journal.Settling && inc.SettlesAnew.IsZero() {
		inc.State, inc.ClosedAt = journal.Dismissed, now.UTC()
		inc.Note(now, "dismissed: after the settle window the integration reads ACTIVE", "")
		return s.saveIncident(ctx, inc, "incident dismissed")
	}
	if inc.RecoveredAt.IsZero() {
		inc.RecoveredAt = now.UTC()
		inc.Note(now, "recovered: the integration reads ACTIVE", "")
	}
	open, err := s.cancelUnreleased(ctx, inc, journal.Recovered)
	if err != nil {
		return err
	}
	if open > 0 {
		if inc.State == journal.Stopped || inc.State == journal.Watching {
			return s.saveIncident(ctx, inc, "")
		}
		inc.State = journal.Watching
		return s.saveIncident(ctx, inc, "incident watching")
	}
	return s.closeIncident(ctx, inc, "closed")
}

// cancelUnreleased leaves every reassignment whose release never began, for the reason given, and counts those still
// in progress. Rows that already need an operator are left, too, where the location recovered, unless a DRAFT may be
// all that exists of the order; after a stop they stay with the operator.
func (s *Incidents) cancelUnreleased(ctx context.Context, inc *journal.Incident, why journal.Reason) (open int, err error) {
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return open, err
		}
		if r.State.IsOver() || r.State == journal.NeedsPerson && (r.ReleaseBegan() || r.Reason == journal.UnprovenDraft || why == journal.StoppedByUs) {
			continue
		}
		if err := s.Handover.CompensateAndLeave(ctx, r, why); err != nil && !errors.Is(err, journal.ErrObsolete) {
			return open, err
		}
		if !r.State.IsAtRest() {
			open++
		}
	}
	return open, nil
}

// closeIncident closes an incident with its report. Where the index may be incomplete and nothing was found, the note
// says so.
func (s *Incidents) closeIncident(ctx context.Context, inc *journal.Incident, note string) error {
	if err := s.buildReport(ctx, inc); err != nil {
		return err
	}
	if inc.Report.IsEmpty() && inc.IndexIncomplete {
		note += "; no delivery order was found, and the index is incomplete: there may have been some that it does not know"
	}
	inc.State, inc.ClosedAt = journal.Closed, s.Now().UTC()
	inc.Note(s.Now(), note, inc.LiftedBy)
	return s.saveIncident(ctx, inc, "incident closed")
}

// buildReport counts what happened to the delivery orders of an incident.
func (s *Incidents) buildReport(ctx context.Context, inc *journal.Incident) error {
	report := &journal.Report{Targets: map[string]int{}, Left: map[journal.Reason]int{}, NeedsPerson: map[journal.Reason]int{},
		Requests: inc.Requests, IndexIncomplete: inc.IndexIncomplete}
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return fmt.Errorf("reporting on %s: %w", inc.ID, err)
		}
		r.AddTo(report)
	}
	inc.Report = report
	return nil
}
