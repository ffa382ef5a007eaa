package incident

import (
	"context"
	"errors"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Enrolment is level-triggered: as long as the location of an incident reads ERROR, each delivery order known to be in
// flight there has a record that is being worked on, is with an operator or was left on purpose, or waits for an
// approval. The walk of every sweep ensures it, whether or not the incident noticed a recovery in between.

// findReopenable returns the record of a delivery order if it is over, and whether it has to be reopened; nil if it is
// not over, or was left in this incident on purpose.
func (s *Incidents) findReopenable(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.ApprovalStatus) (*journal.Reassignment, bool, error) {
	if !p.State.IsOver() || p.OwnedElsewhere {
		return nil, false, nil
	}
	if p.State == journal.Left && p.Reason != journal.Recovered && p.Reason != journal.Gone && (p.Reason != journal.ByPerson || inc.SettlesAnew.IsZero()) {
		return nil, false, nil
	}
	r, err := s.Journal.GetOrStub(ctx, inc.Organization, journal.ReassignmentID(inc.ID, deliveryOrder))
	if errors.Is(err, journal.ErrNewer) {
		return nil, false, nil // a worker of the newer release reopens it
	}
	if err != nil {
		return nil, false, err
	}
	e, known, err := s.Index.Get(ctx, inc.Organization, deliveryOrder)
	return r, known && handover.ShouldReopen(r, e, inc.ErrorAt, s.Settings.Settle), err
}

// reopenRecord reopens the record of a delivery order, if it is over and has to be reopened.
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

// isWaitingHere reports whether a delivery order waits for the incident to begin with it: it is not enrolled, will be
// reopened, or is enrolled but in no approved plan.
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
