package incident

import (
	"context"
	"errors"
	"fmt"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Stop ends an incident for good: nothing new begins, what is prepared is taken back, what is released is finished.
// The location stays held, so that no other incident opens there, until it reads ACTIVE or an operator unblocks the
// incident. The error wraps handover.ErrNotApplicable where the incident is stopped or over.
func (s *Incidents) Stop(ctx context.Context, inc *journal.Incident, by handover.Actor) error {
	fresh, err := s.updateIncident(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		if err := CheckStoppable(i); err != nil {
			return err
		}
		i.EndByHand(s.Now(), by.User)
		i.State = journal.Stopped
		i.Note(s.Now(), "stopped: "+by.Reason, by.User)
		return nil
	})
	if err != nil {
		return err
	}
	s.logChange(ctx, fresh, "incident stopped")
	return s.Queue.Submit(ctx, s.nextObservation(fresh), s.Now())
}

// CheckStoppable returns an error where an incident is stopped or over.
func CheckStoppable(i *journal.Incident) error {
	if i.State == journal.Stopped || !i.State.IsOpen() {
		return handover.NewUserError(handover.ErrNotApplicable, "incident %s is %s already", i.ID, i.State)
	}
	return nil
}

// handleStopped takes back what a stopped incident prepared, and stores the report once everything is at rest. It does
// not need to read the location.
func (s *Incidents) handleStopped(ctx context.Context, inc *journal.Incident) error {
	tally, err := s.Journal.Tally(ctx, inc.Organization, inc.ID)
	if err != nil || tally.InProgress() == 0 && inc.Report != nil {
		return err
	}
	open, err := s.cancelUnreleased(ctx, inc, journal.StoppedByUs)
	if err != nil || open > 0 {
		return err
	}
	if err := s.buildReport(ctx, inc); err != nil {
		return err
	}
	inc.Note(s.Now(), "all is at rest; the location is still held", "")
	return s.saveIncident(ctx, inc, "")
}

// countUnreleased counts the rows that are in progress and not released.
func (s *Incidents) countUnreleased(ctx context.Context, inc *journal.Incident) (n int, err error) {
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return 0, err
		}
		if !r.State.IsAtRest() && !r.ReleaseBegan() {
			n++
		}
	}
	return n, nil
}

// closeStopped closes a stopped incident. It tries again where the sweep saved the incident at the same moment, as
// happens when everything has just come to rest.
func (s *Incidents) closeStopped(ctx context.Context, inc *journal.Incident, by handover.Actor) error {
	var faster error
	for range maxTries {
		inc.LiftedBy = by.User
		if err := s.closeIncident(ctx, inc, "unblocked and closed: "+by.Reason); err != nil {
			return err
		}
		if faster = s.checkClosed(ctx, inc); !errors.Is(faster, journal.ErrObsolete) {
			return faster
		}
		fresh, err := s.Journal.Incident(ctx, inc.Organization, inc.ID)
		if err != nil {
			return err
		}
		inc = fresh
	}
	return faster
}

// checkClosed returns an error unless the incident was closed by us: saveIncident ignores a lost compare-and-set.
func (s *Incidents) checkClosed(ctx context.Context, inc *journal.Incident) error {
	now, err := s.Journal.Incident(ctx, inc.Organization, inc.ID)
	if err == nil && now.State.IsOpen() {
		err = errors.Join(fmt.Errorf("closing incident %s", inc.ID), journal.ErrObsolete)
	}
	return err
}
