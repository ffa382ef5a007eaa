package incident

import (
	"context"
	"errors"
	"fmt"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Stop ends what an incident begins, for good: nothing new starts, what is prepared is taken back, what is
// released is finished. The location stays held, so that no other incident opens there, until it reads ACTIVE
// or a person lifts the stop. The error wraps handover.ErrNotApplicable where the incident is stopped or over.
func (s *Incidents) Stop(ctx context.Context, inc *journal.Incident, by handover.By) error {
	fresh, err := s.change(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		if i.State == journal.Stopped || !i.State.Open() {
			return handover.Refuse(handover.ErrNotApplicable, "incident %s is %s already", i.ID, i.State)
		}
		i.State = journal.Stopped
		i.Note(s.Now(), "stopped: "+by.Reason, by.User)
		return nil
	})
	if err != nil {
		return err
	}
	s.log(ctx, fresh, "incident stopped")
	return s.Queue.Submit(ctx, s.another(fresh), s.Now())
}

// stopped takes back what a stopped incident prepared, and reports once all is at rest. It needs no reading
// of the location.
func (s *Incidents) stopped(ctx context.Context, inc *journal.Incident) error {
	tally, err := s.Journal.Tally(ctx, inc.Organization, inc.ID)
	if err != nil || tally.UnderWay() == 0 && inc.Report != nil {
		return err
	}
	open, err := s.withdraw(ctx, inc, journal.StoppedByUs)
	if err != nil || open > 0 {
		return err
	}
	if err := s.report(ctx, inc); err != nil {
		return err
	}
	inc.Note(s.Now(), "all is at rest; the location is still held", "")
	return s.save(ctx, inc, "")
}

// unreleased counts what is under way and not released.
func (s *Incidents) unreleased(ctx context.Context, inc *journal.Incident) (n int, err error) {
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return 0, err
		}
		if !r.State.AtRest() && !r.ReleaseBegan() {
			n++
		}
	}
	return n, nil
}

// closeStopped closes a stopped incident, once more where the sweep wrote to it at the same moment, as it does when all is
// at rest.
func (s *Incidents) closeStopped(ctx context.Context, inc *journal.Incident, by handover.By) error {
	var faster error
	for range triesMost {
		inc.LiftedBy = by.User
		if err := s.close(ctx, inc, "unblocked and closed: "+by.Reason); err != nil {
			return err
		}
		if faster = s.closed(ctx, inc); !errors.Is(faster, journal.ErrObsolete) {
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

// closed makes sure that an incident was closed by us: save does not mind that somebody else was faster.
func (s *Incidents) closed(ctx context.Context, inc *journal.Incident) error {
	now, err := s.Journal.Incident(ctx, inc.Organization, inc.ID)
	if err == nil && now.State.Open() {
		err = errors.Join(fmt.Errorf("closing incident %s", inc.ID), journal.ErrObsolete)
	}
	return err
}
