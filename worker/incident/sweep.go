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
		return worker.Again(err)
	}
	for _, org := range s.Organizations {
		if m.Organization == "" || m.Organization == org.ID { // without: of a former release, for all
			s.sweepAlone(ctx, org, m.Tick)
		}
	}
	return worker.Finished() // the next interval's sweep is the retry
}

func (s *Incidents) sweepAlone(ctx context.Context, org *worker.Organization, tick int64) {
	if _, busy := s.sweeping.LoadOrStore(org.ID, true); busy {
		return
	}
	defer s.sweeping.Delete(org.ID)
	err := s.sweep(ctx, org, tick)
	if s.Swept != nil {
		s.Swept(org.ID, err)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "sweep incomplete", "organization", org.ID, "error", err)
	}
}

func (s *Incidents) sweep(ctx context.Context, org *worker.Organization, tick int64) error {
	open, err := s.Journal.Failing(ctx, org.ID)
	if err != nil {
		return err
	}
	errs := []error{s.overlooked(ctx, org.ID), s.Handover.ReviewPromises(ctx, org.ID)}
	did := journal.Swept{At: s.Now().UTC(), Open: len(open)}
	left := settledMost
	for _, id := range open {
		inc, err := s.Journal.Incident(ctx, org.ID, id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		before := inc.Requests
		_, err = s.judge(ctx, org, inc)
		did.Requests += inc.Requests - before
		errs = append(errs, err, s.settled(ctx, inc, &left))
		if err == nil && walks(inc) {
			errs = append(errs, s.walk(ctx, inc, fmt.Sprint(tick))) // late arrivals join
		}
	}
	if s.retains(tick) {
		errs = append(errs, s.settledLater(ctx, org, &left), s.retain(ctx, org))
	}
	did.Settled = settledMost - left
	s.found(org.ID, foundSettled, did.Settled)
	errs = append(errs, s.missed(ctx, org, open, tick, &did))
	return errors.Join(append(errs, s.Journal.SaveSwept(ctx, org.ID, did))...)
}

// What a sweep or a lease scan finds and sets right.
const (
	foundMissed   = "missed_event" // a location in ERROR whose event never came
	foundDropped  = "dropped_task" // a reassignment whose task vanished or whose holder died
	foundLate     = "late_arrival" // a delivery order that came to a location under incident
	foundReopened = "reopened"     // what was over, and in flight at a location under incident all the same
	foundSettled  = "settled"      // what needed a person and, as far as the index knows, does not any more
)

func (s *Incidents) found(organization, finding string, n int) {
	if s.Found != nil && n > 0 {
		s.Found(organization, finding, n)
	}
}

// ScanLeases drives on the reassignments of an organization whose task vanished or whose holder died. It is
// called every few seconds, not through the queue: the queue may be what failed.
func (s *Incidents) ScanLeases(ctx context.Context, organization string) error {
	return errors.Join(s.remember(ctx, organization), s.wake(ctx, organization), s.overlooked(ctx, organization),
		s.Handover.AssignLateDrafts(ctx, organization))
}

// wake lets those go on that wait for a place of the canary, as places are free.
func (s *Incidents) wake(ctx context.Context, organization string) error {
	open, err := s.Journal.Failing(ctx, organization)
	if err != nil {
		return err
	}
	for _, id := range open {
		if _, err := s.Journal.Wake(ctx, organization, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Incidents) overlooked(ctx context.Context, organization string) error {
	n, err := s.Handover.Overlooked(ctx, organization)
	if n > 0 {
		s.Log.InfoContext(ctx, "reassignments driven on again", "organization", organization, "count", n)
		s.found(organization, foundDropped, n)
	}
	return err
}

// progress moves an incident between draining and watching: it watches once all its reassignments are at
// rest, and drains again when a late arrival joins.
func (s *Incidents) progress(ctx context.Context, inc *journal.Incident) error {
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
	case tally.UnderWay() > 0:
		inc.State = journal.Draining
	case inc.Walked:
		if inc.State, note, err = s.drained(ctx, inc); err != nil {
			return err
		}
	}
	if inc.State == was {
		return s.save(ctx, inc, "")
	}
	inc.Gates = judged
	inc.Note(s.Now(), cmp.Or(note, string(inc.State)), "")
	return s.save(ctx, inc, "incident "+string(inc.State))
}
