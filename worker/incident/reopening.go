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

// reopens returns the record of a delivery order that is over, and whether it has to be reopened; nil if it is
// not over, or stays left in this incident.
func (s *Incidents) reopens(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.Standing) (*journal.Reassignment, bool, error) {
	if !p.State.Over() || p.Elsewhere {
		return nil, false, nil
	}
	if p.State == journal.Left && p.Reason != journal.Recovered && p.Reason != journal.Gone {
		return nil, false, nil
	}
	r, err := s.Journal.Row(ctx, inc.Organization, journal.ReassignmentID(inc.ID, deliveryOrder))
	if errors.Is(err, journal.ErrNewer) {
		return nil, false, nil // whoever runs the newer release reopens it
	}
	if err != nil {
		return nil, false, err
	}
	e, known, err := s.Index.Get(ctx, inc.Organization, deliveryOrder)
	return r, known && handover.Reopens(r, e, inc.ErrorAt, s.Settings.Settle), err
}

// reopen reopens the record of a delivery order, if it is over and has to be.
func (s *Incidents) reopen(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.Standing) error {
	r, yes, err := s.reopens(ctx, inc, deliveryOrder, p)
	switch {
	case err != nil || r == nil:
		return err
	case !yes:
		return s.Handover.Stir(ctx, r)
	}
	went, err := s.Handover.Reopen(ctx, r)
	if went {
		s.found(inc.Organization, foundReopened, 1)
	}
	return err
}

// waitsHere reports whether a delivery order waits for the incident to begin with it: it is not enrolled, or will be
// reopened, or was and no approved plan names it.
func (s *Incidents) waitsHere(ctx context.Context, inc *journal.Incident, deliveryOrder string, p journal.Standing) (bool, error) {
	switch {
	case p.Elsewhere:
		return false, nil
	case !p.Enrolled:
		return true, nil
	case p.State == journal.NeedsPerson:
		return p.LeftOut && !p.Approved, nil
	}
	_, yes, err := s.reopens(ctx, inc, deliveryOrder, p)
	return yes, err
}
