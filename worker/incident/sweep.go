package incident

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Sweep runs the sweep of every organization: it compares what is with what should be, whatever events
// came or did not come. One organization's failure does not keep the others from theirs.
func (s *Incidents) Sweep(ctx context.Context, payload []byte) worker.Outcome {
	m, err := tasks.Decode[tasks.Sweep](payload)
	if err != nil {
		return worker.Again(err)
	}
	for _, org := range s.Organizations {
		err := s.sweep(ctx, org, m.Tick)
		if s.Swept != nil {
			s.Swept(org.ID, err)
		}
		if err != nil {
			s.Log.WarnContext(ctx, "sweep incomplete", "organization", org.ID, "error", err)
		}
	}
	return worker.Finished() // the next interval's sweep is the retry
}

func (s *Incidents) sweep(ctx context.Context, org *worker.Organization, tick int64) error {
	open, err := s.Journal.Failing(ctx, org.ID)
	if err != nil {
		return err
	}
	errs := []error{s.overlooked(ctx, org.ID), s.Handover.ReviewPromises(ctx, org.ID)}
	for _, id := range open {
		inc, err := s.Journal.Incident(ctx, org.ID, id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		_, err = s.judge(ctx, org, inc)
		errs = append(errs, err)
		if err == nil && inc.State.Moving() && inc.RecoveredAt.IsZero() {
			errs = append(errs, s.walk(ctx, inc, fmt.Sprint(tick))) // late arrivals join
		}
	}
	errs = append(errs, s.missed(ctx, org, open, tick))
	if s.retains(tick) {
		errs = append(errs, s.retain(ctx, org))
	}
	return errors.Join(errs...)
}

// What a sweep or a lease scan finds and sets right.
const (
	foundMissed  = "missed_event" // a location in ERROR whose event never came
	foundDropped = "dropped_task" // a reassignment whose task vanished or whose holder died
	foundLate    = "late_arrival" // a delivery order that came to a location under incident
)

func (s *Incidents) found(organization, finding string, n int) {
	if s.Found != nil && n > 0 {
		s.Found(organization, finding, n)
	}
}

// missed looks for locations in ERROR without an incident: their event never came. Only locations with
// delivery orders in flight are asked, at the calm class.
func (s *Incidents) missed(ctx context.Context, org *worker.Organization, open map[string]string, tick int64) error {
	places, err := s.Index.Places(ctx, org.ID)
	if err != nil {
		return err
	}
	for _, p := range places {
		if open[p.ID] != "" {
			continue
		}
		n, err := s.Index.CountInFlight(ctx, org.ID, p.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		loc, err := org.Calm.Location(ctx, p.ID)
		if err != nil {
			continue // asked again at the next sweep
		}
		if loc.Integration == nil || loc.Integration.State != handover.IntegrationError {
			continue
		}
		s.Log.InfoContext(ctx, "location in ERROR without an event", "organization", org.ID, "location", p.ID)
		s.found(org.ID, foundMissed, 1)
		m := tasks.Observe{V: tasks.Version, Organization: org.ID, Location: p.ID, Integration: loc.Integration.ID, Message: fmt.Sprint("sweep-", tick)}
		if err := s.Queue.Submit(ctx, m, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// ScanLeases drives on the reassignments whose task vanished or whose holder died. It is called every few
// seconds, not through the queue: the queue may be what failed.
func (s *Incidents) ScanLeases(ctx context.Context) error {
	var errs []error
	for _, org := range s.Organizations {
		errs = append(errs, s.remember(ctx, org.ID), s.wake(ctx, org.ID), s.overlooked(ctx, org.ID))
	}
	return errors.Join(errs...)
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
		return s.gates(ctx, inc)
	}
	if held, err := s.contain(ctx, inc); err != nil || held {
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
	inc.Note(s.Now(), cmp.Or(note, string(inc.State)), "")
	return s.save(ctx, inc, "incident "+string(inc.State))
}
