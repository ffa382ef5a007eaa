package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// lookAgain is the distance to the next observation where the platform could not be asked.
const lookAgain = 10 * time.Second

// judge reads the location and takes the incident where it belongs. wait above zero asks to be called
// again after it, since the platform could not be asked now.
func (s *Incidents) judge(ctx context.Context, org *worker.Organization, inc *journal.Incident) (wait time.Duration, err error) {
	early := inc.OpenedAt.Add(s.Settings.Settle).Sub(s.Now())
	if inc.State == journal.Settling && early > 0 {
		return early, nil // the queue may be a second early
	}
	loc, err := s.read(ctx, org, inc.LocationID)
	if err != nil {
		return s.unread(ctx, inc, err)
	}
	inc.Location = loc.Slug
	if inc.State == journal.Settling && loc.Integration != nil && loc.Integration.State == handover.IntegrationError {
		// The event is a rumour, its integration's id too: what the platform reads in ERROR is what failed.
		inc.Integration = loc.Integration.ID
	}
	reads := handover.IntegrationReads(loc.Integration, inc.Integration)
	if reads == handover.Recovered {
		// One reading may be stale; the end of an incident is worth a second one.
		if loc, err = s.read(ctx, org, inc.LocationID); err != nil {
			return s.unread(ctx, inc, err)
		}
		reads = handover.IntegrationReads(loc.Integration, inc.Integration)
	}
	inc.Round++
	switch reads {
	case handover.Erring:
		return 0, s.failing(ctx, inc)
	case handover.Recovered:
		return 0, s.recovered(ctx, inc)
	default:
		return 0, s.different(ctx, inc, loc)
	}
}

// read asks the platform for a location, and lets the index know its slug.
func (s *Incidents) read(ctx context.Context, org *worker.Organization, id string) (*happycolis.Location, error) {
	loc, err := org.Urgent.Location(ctx, id)
	if err != nil {
		return nil, err
	}
	return loc, s.Index.PutPlace(ctx, org.ID, index.Place{ID: loc.ID, Slug: loc.Slug})
}

// unread is what becomes of an observation that failed: nothing is decided on it.
func (s *Incidents) unread(ctx context.Context, inc *journal.Incident, err error) (time.Duration, error) {
	var e *happycolis.Error
	if !errors.As(err, &e) || e.Kind == happycolis.KindLimiter {
		return 0, fmt.Errorf("observing %s: %w", inc.LocationID, err)
	}
	if e.Kind == happycolis.KindNotFound && inc.State == journal.Settling {
		inc.State, inc.ClosedAt = journal.Dismissed, s.Now().UTC()
		inc.Note(s.Now(), "dismissed: the platform does not know the location", "")
		return 0, s.save(ctx, inc, "incident dismissed")
	}
	if e.Kind != happycolis.KindWaiting {
		s.Log.WarnContext(ctx, "location cannot be observed", "organization", inc.Organization, "incident", inc.ID,
			"location", inc.LocationID, "error", err)
	}
	return max(lookAgain, e.RetryAfter), nil
}

// failing takes an incident whose location reads ERROR through the gates, or further on.
func (s *Incidents) failing(ctx context.Context, inc *journal.Incident) error {
	switch inc.State {
	case journal.Settling, journal.AwaitingApproval, journal.Blocked:
		return s.gates(ctx, inc)
	case journal.Draining, journal.Watching:
		return s.progress(ctx, inc)
	case journal.Stopped, journal.Closed, journal.Dismissed:
	}
	return nil // a person has it, or it is over
}

// recovered ends an incident whose integration is ACTIVE again. What was not released yet is left where
// it is; what was, is finished.
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
	open, err := s.leaveUnbegun(ctx, inc)
	if err != nil {
		return err
	}
	if open > 0 {
		if inc.State != journal.Draining {
			inc.State = journal.Watching
		}
		return s.save(ctx, inc, "")
	}
	inc.State, inc.ClosedAt = journal.Closed, now.UTC()
	inc.Note(now, "closed", "")
	return s.save(ctx, inc, "incident closed")
}

// leaveUnbegun leaves every reassignment whose release never began, and counts those that still work.
func (s *Incidents) leaveUnbegun(ctx context.Context, inc *journal.Incident) (open int, err error) {
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return open, err
		}
		if r.State.Over() || r.State == journal.NeedsPerson && r.ReleaseBegan() {
			continue
		}
		if err := s.Handover.Recover(ctx, r); err != nil && !errors.Is(err, journal.ErrObsolete) {
			return open, err
		}
		if !r.State.AtRest() {
			open++
		}
	}
	return open, nil
}

// different blocks an incident whose location reads neither ERROR nor recovered: another integration, none,
// or one that is INACTIVE or PENDING. A person has to look.
func (s *Incidents) different(ctx context.Context, inc *journal.Incident, loc *happycolis.Location) error {
	if inc.State == journal.Stopped {
		return nil
	}
	saw := "no integration"
	if loc.Integration != nil {
		saw = "integration " + loc.Integration.ID + " in " + loc.Integration.State
	}
	inc.SetGate(journal.Gate{Name: gateObservation, At: s.Now().UTC(), Saw: saw})
	return s.block(ctx, inc, gateObservation, saw)
}

func (s *Incidents) block(ctx context.Context, inc *journal.Incident, gate, saw string) error {
	if inc.State == journal.Blocked {
		return s.save(ctx, inc, "")
	}
	inc.State = journal.Blocked
	inc.Note(s.Now(), "blocked by "+gate+": "+saw, "")
	return s.save(ctx, inc, "incident blocked")
}

// save writes the incident; what is logged where it is not empty. That somebody else was faster is fine:
// the next observation judges again.
func (s *Incidents) save(ctx context.Context, inc *journal.Incident, what string) error {
	err := s.Journal.SaveIncident(ctx, inc, s.Now())
	if errors.Is(err, journal.ErrObsolete) {
		return nil
	}
	if err == nil && what != "" {
		s.log(ctx, inc, what)
	}
	return err
}
