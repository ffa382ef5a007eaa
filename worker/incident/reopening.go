package incident

import (
	"context"
	"errors"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Enrolment is level-triggered: as long as the location of an incident reads ERROR, each delivery order that is known to
// be in flight there has a record that somebody or something looks after, or waits for an approval. The walk of every
// sweep sees to it, whatever the incident itself saw of a recovery.

// findReopenable returns the record of a delivery order that is over, and whether it has to be reopened; nil if it is
// not over, or stays left in this incident.
func (s *Incidents) findReopenable(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.ApprovalStatus) (*journal.Reassignment, bool, error) {
	if !p.State.IsOver() || p.OwnedElsewhere {
		return nil, false, nil
	}
	if p.State == journal.Left && p.Reason != journal.Recovered && p.Reason != journal.Gone {
		return nil, false, nil
	}
	r, err := s.Journal.GetOrStub(ctx, inc.Organization, journal.ReassignmentID(inc.ID, deliveryOrder))
	if errors.Is(err, journal.ErrNewer) {
		return nil, false, nil // whoever runs the newer release reopens it
	}
	if err != nil {
		return nil, false, err
	}
	e, known, err := s.Index.Get(ctx, inc.Organization, deliveryOrder)
	return r, known && handover.ShouldReopen(r, e, inc.ErrorAt, s.Settings.Settle), err
}

// reopenRecord reopens the record of a delivery order, if it is over and has to be.
func (s *Incidents) reopenRecord(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.ApprovalStatus) error {
	r, yes, err := s.findReopenable(ctx, inc, deliveryOrder, p)
	switch {
	case err != nil || r == nil:
		return err
	case !yes:
		return s.Handover.RecheckEnded(ctx, r)
	}
	went, err := s.Handover.Reopen(ctx, r)
	if went {
		s.logFound(inc.Organization, foundReopened, 1)
	}
	return err
}

// isWaitingHere reports whether a delivery order waits for the incident to begin with it: it is not enrolled, or will be
// reopened, or was and no approved plan names it.
func (s *Incidents) isWaitingHere(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.ApprovalStatus) (bool, error) {
	switch {
	case p.OwnedElsewhere:
		return false, nil
	case !p.Enrolled:
		return true, nil
	case p.State == journal.NeedsPerson:
		return p.Deviated && !p.Approved, nil
	}
	_, yes, err := s.findReopenable(ctx, inc, deliveryOrder, p)
	return yes, err
}
