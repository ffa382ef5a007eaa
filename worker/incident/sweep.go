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

// Sweep runs the sweep of an organization: it corrects whatever no event told or a crash left behind. While one still
// runs in this process, because the platform is slow, another of the same organization is skipped, so that sweeps do
// not take the slots of observations.
func (s *Incidents) Sweep(ctx context.Context, payload []byte) worker.Outcome {
	m, err := tasks.Decode[tasks.Sweep](payload)
	if err != nil {
		return worker.Retry(err)
	}
	for _, org := range s.Organizations {
		if m.Organization == "" || m.Organization == org.ID { // no organization: a task of a former release, for all
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
			errs = append(errs, s.enqueueFanout(ctx, inc, fmt.Sprint(tick))) // enrolls late arrivals
		}
	}
	if s.purgeDue(tick) {
		errs = append(errs, s.reconcileClosed(ctx, org, &left), s.purge(ctx, org))
	}
	did.Reconciled = maxReconciled - left
	s.logFound(org.ID, foundSettled, did.Reconciled)
	errs = append(errs, s.readDisputed(ctx, org, &did), s.findMissedFailures(ctx, org, open, tick, &did))
	return errors.Join(append(errs, s.Journal.SaveSweepStatus(ctx, org.ID, did))...)
}

// What a sweep or a lease scan can find and correct; values of a metric's label.
const (
	foundMissed   = "missed_event" // a location in ERROR whose event never came
	foundStuck    = "dropped_task" // a reassignment whose task vanished or whose worker died
	foundLate     = "late_arrival" // a delivery order that came to a location under incident
	foundReopened = "reopened"     // a record that was over although its delivery order is in flight at a location under incident
	foundSettled  = "settled"      // a row that needed an operator and, as far as the index knows, does not any more
)

func (s *Incidents) logFound(organization, finding string, n int) {
	if s.Found != nil && n > 0 {
		s.Found(organization, finding, n)
	}
}

// ScanLeases submits tasks for the reassignments of an organization whose task vanished or whose worker died. It is
// called every few seconds, and not through the queue, since the queue may be what failed.
func (s *Incidents) ScanLeases(ctx context.Context, organization string) error {
	return errors.Join(s.remember(ctx, organization), s.releaseCanaryWaiters(ctx, organization), s.rescueStuck(ctx, organization),
		s.Handover.AssignLateDrafts(ctx, organization))
}

// releaseCanaryWaiters makes records due that wait for a slot of the canary, as many as slots are free.
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

// updateProgress moves an incident between draining and watching: it is watching once all its reassignments are at
// rest, and draining again when a late arrival joins.
func (s *Incidents) updateProgress(ctx context.Context, inc *journal.Incident) error {
	if !inc.RecoveredAt.IsZero() {
		inc.RecoveredAt = time.Time{}
		inc.Note(s.Now(), "in ERROR again before it was closed", "")
		return s.passGates(ctx, inc, readsError)
	}
	judged, held, err := s.recheckDrainGates(ctx, inc)
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
