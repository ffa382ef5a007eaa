package incident

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// Sweep runs the sweep of an organization: it compares what is with what should be, whatever events came or
// did not come. While one still runs here, because the platform is slow, another of the same organization is
// left out, so that sweeps take no slots from observations.
func (s *Incidents) Sweep(ctx context.Context, payload []byte) worker.Outcome {
	m, err := tasks.Decode[tasks.Sweep](payload)
	if err != nil {
		return worker.Retry(err)
	}
	for _, org := range s.Organizations {
		if m.Organization == "" || m.Organization == org.ID { // without: of a former release, for all
			s.sweepExclusive(ctx, org, m.Tick)
		}
	}
	return worker.Completed() // the next interval's sweep is the retry
}

func (s *Incidents) sweepExclusive(ctx context.Context, org *worker.Organization, tick int64) {
	if _, busy := s.sweeping.LoadOrStore(org.ID, true); busy {
		return
	}
	defer s.sweeping.Delete(org.ID)
	err := s.sweepOrganization(ctx, org, tick)
	if s.OnSweep != nil {
		s.OnSweep(org.ID, err)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "sweep incomplete", "organization", org.ID, "error", err)
	}
}

func (s *Incidents) sweepOrganization(ctx context.Context, org *worker.Organization, tick int64) error {
	open, err := s.Journal.OpenIncidents(ctx, org.ID)
	if err != nil {
		return err
	}
	errs := []error{s.rescueStuck(ctx, org.ID), s.Handover.ReviewReservations(ctx, org.ID)}
	did := journal.SweepStatus{At: s.Now().UTC(), Open: len(open)}
	left := maxReconciled
	for _, id := range open {
		inc, err := s.Journal.Incident(ctx, org.ID, id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		before := inc.Requests
		_, err = s.reconcile(ctx, org, inc)
		did.Requests += inc.Requests - before
		errs = append(errs, err, s.reconcileNeedsPerson(ctx, inc, &left))
		if err == nil && shouldWalk(inc) {
			errs = append(errs, s.enqueueFanout(ctx, inc, fmt.Sprint(tick))) // late arrivals join
		}
	}
	if s.purgeDue(tick) {
		errs = append(errs, s.reconcileClosed(ctx, org, &left), s.purge(ctx, org))
	}
	did.Reconciled = maxReconciled - left
	s.logFound(org.ID, foundSettled, did.Reconciled)
	errs = append(errs, s.findMissedFailures(ctx, org, open, tick, &did))
	return errors.Join(append(errs, s.Journal.SaveSweepStatus(ctx, org.ID, did))...)
}

// What a sweep or a lease scan finds and sets right.
const (
	foundMissed   = "missed_event" // a location in ERROR whose event never came
	foundStuck    = "dropped_task" // a reassignment whose task vanished or whose holder died
	foundLate     = "late_arrival" // a delivery order that came to a location under incident
	foundReopened = "reopened"     // what was over, and in flight at a location under incident all the same
	foundSettled  = "settled"      // what needed an operator and, as far as the index knows, does not any more
)

func (s *Incidents) logFound(organization, finding string, n int) {
	if s.Found != nil && n > 0 {
		s.Found(organization, finding, n)
	}
}

// ScanLeases drives on the reassignments of an organization whose task vanished or whose holder died. It is
// called every few seconds, not through the queue: the queue may be what failed.
func (s *Incidents) ScanLeases(ctx context.Context, organization string) error {
	return errors.Join(s.remember(ctx, organization), s.releaseCanaryWaiters(ctx, organization), s.rescueStuck(ctx, organization),
		s.Handover.AssignLateDrafts(ctx, organization))
}

// releaseCanaryWaiters lets those go on that wait for a place of the canary, as places are free.
func (s *Incidents) releaseCanaryWaiters(ctx context.Context, organization string) error {
	open, err := s.Journal.OpenIncidents(ctx, organization)
	if err != nil {
		return err
	}
	for _, id := range open {
		if _, err := s.Journal.ReleaseCanaryWaiters(ctx, organization, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Incidents) rescueStuck(ctx context.Context, organization string) error {
	n, err := s.Handover.RescueStuck(ctx, organization)
	if n > 0 {
		s.Log.InfoContext(ctx, "stuck reassignments enqueued again", "organization", organization, "count", n)
		s.logFound(organization, foundStuck, n)
	}
	return err
}

// updateProgress moves an incident between draining and watching: it watches once all its reassignments are at
// rest, and drains again when a late arrival joins.
func (s *Incidents) updateProgress(ctx context.Context, inc *journal.Incident) error {
	if !inc.RecoveredAt.IsZero() {
		inc.RecoveredAt = time.Time{}
		inc.Note(s.Now(), "in ERROR again before it was closed", "")
		return s.passGates(ctx, inc, readsError)
	}
	judged, held, err := s.recheckContainmentGates(ctx, inc)
	if err != nil || held {
		return err
	}
	tally, err := s.Journal.Tally(ctx, inc.Organization, inc.ID)
	if err != nil {
		return err
	}
	was, note := inc.State, ""
	switch {
	case tally.InProgress() > 0:
		inc.State = journal.Draining
	case inc.FirstWalkDone:
		if inc.State, note, err = s.stateAfterDrain(ctx, inc); err != nil {
			return err
		}
	}
	if inc.State == was {
		return s.saveIncident(ctx, inc, "")
	}
	inc.Gates = judged
	inc.Note(s.Now(), cmp.Or(note, string(inc.State)), "")
	return s.saveIncident(ctx, inc, "incident "+string(inc.State))
}
