package incident

import (
	"context"
	"errors"
	"fmt"

	"happycolis-reassigner/worker/journal"
)

// recovered ends an incident whose integration is ACTIVE again. What was not released yet is left where
// it is; what was, is finished, and then the incident is closed with its report.
func (s *Incidents) recovered(ctx context.Context, inc *journal.Incident) error {
	now := s.Now()
	if inc.State == journal.Settling {
		inc.State, inc.ClosedAt = journal.Dismissed, now.UTC()
		inc.Note(now, "dismissed: after the settle window the integration reads ACTIVE", "")
		return s.save(ctx, inc, "incident dismissed")
	}
	if inc.RecoveredAt.IsZero() {
		inc.RecoveredAt = now.UTC()
		inc.Note(now, "recovered: the integration reads ACTIVE", "")
	}
	open, err := s.withdraw(ctx, inc, journal.Recovered)
	if err != nil {
		return err
	}
	if open > 0 {
		if inc.State == journal.Stopped || inc.State == journal.Watching {
			return s.save(ctx, inc, "")
		}
		inc.State = journal.Watching
		return s.save(ctx, inc, "incident watching")
	}
	return s.close(ctx, inc, "closed")
}

// withdraw leaves every reassignment whose release never began, for the reason given, and counts those that
// are still under way. What already waits for a person is left too where the location recovered, unless a DRAFT may
// be all that there is of its order; a person who stops the incident has it before him and decides.
func (s *Incidents) withdraw(ctx context.Context, inc *journal.Incident, why journal.Reason) (open int, err error) {
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return open, err
		}
		if r.State.Over() || r.State == journal.NeedsPerson && (r.ReleaseBegan() || r.Reason == journal.UnprovenDraft || why == journal.StoppedByUs) {
			continue
		}
		if err := s.Handover.Abandon(ctx, r, why); err != nil && !errors.Is(err, journal.ErrObsolete) {
			return open, err
		}
		if !r.State.AtRest() {
			open++
		}
	}
	return open, nil
}

// close ends an incident with its report. One that found nothing on an index that may not know everything
// says so.
func (s *Incidents) close(ctx context.Context, inc *journal.Incident, note string) error {
	if err := s.report(ctx, inc); err != nil {
		return err
	}
	if inc.Report.Nothing() && inc.IndexShort {
		note += "; no delivery order was found, and the index is incomplete: there may have been some that it does not know"
	}
	inc.State, inc.ClosedAt = journal.Closed, s.Now().UTC()
	inc.Note(s.Now(), note, inc.LiftedBy)
	return s.save(ctx, inc, "incident closed")
}

// report sums up what became of the delivery orders of an incident.
func (s *Incidents) report(ctx context.Context, inc *journal.Incident) error {
	report := &journal.Report{Targets: map[string]int{}, Left: map[journal.Reason]int{}, NeedsPerson: map[journal.Reason]int{},
		Requests: inc.Requests, IndexShort: inc.IndexShort}
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return fmt.Errorf("reporting on %s: %w", inc.ID, err)
		}
		report.Add(r)
	}
	inc.Report = report
	return nil
}
