package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// The names of the gates, in their order.
const (
	gatePause       = "pause"
	gateCooldown    = "cooldown"
	gateObservation = "second_observation"
	gateMemory      = "memory"
	gateBlast       = "blast_radius"
	gateSize        = "size"
	gateMode        = "mode"
	gateCanary      = "canary"
)

// gates judges, in order, what has to hold before a drain; each is recorded with what it saw. The first
// that does not hold decides.
func (s *Incidents) gates(ctx context.Context, inc *journal.Incident) error {
	now := s.Now().UTC()
	inc.Gates = nil // the first of these that does not hold is what blocks
	see := func(name string, pass bool, saw string) bool { return s.see(inc, name, pass, saw) }
	paused, err := s.Journal.Paused(ctx, inc.Organization, inc.LocationID)
	if err != nil {
		return err
	}
	if !see(gatePause, !paused, map[bool]string{true: "paused", false: "not paused"}[paused]) {
		return s.block(ctx, inc, gatePause, "paused")
	}
	rested, saw, err := s.cooled(ctx, inc)
	if err != nil {
		return err
	}
	if !see(gateCooldown, rested, saw) {
		return s.block(ctx, inc, gateCooldown, saw)
	}
	see(gateObservation, true, "integration reads ERROR")
	whole, memory, err := s.remembers(ctx, inc)
	if err != nil {
		return err
	}
	remembered := see(gateMemory, whole, memory)
	if held, err := s.spread(ctx, inc); err != nil || held {
		return err
	}
	movable, err := s.movable(ctx, inc)
	if err != nil {
		return err
	}
	approved, waits, err := s.approved(ctx, inc)
	if err != nil {
		return err
	}
	small := movable <= s.Settings.ApproveAbove && !inc.ByPlan
	count := fmt.Sprintf("%d delivery orders would move, up to %d go without approval", movable, s.Settings.ApproveAbove)
	if !small {
		count = fmt.Sprintf("more than %d delivery orders would move", s.Settings.ApproveAbove)
	}
	if inc.ByPlan {
		count = waits
	}
	automatic := s.Settings.Mode == Automatic && !inc.ByPlan
	pass := see(gateSize, small || approved, count) && remembered
	pass = see(gateMode, automatic || approved, s.Settings.Mode) && pass
	if !pass {
		if inc.State == journal.AwaitingApproval {
			return s.save(ctx, inc, "")
		}
		inc.State = journal.AwaitingApproval
		inc.Note(now, "waiting for approval: "+memory+", "+count, "")
		return s.save(ctx, inc, "incident waits for approval")
	}
	if held, err := s.canary(ctx, inc); err != nil || held {
		return err
	}
	return s.drain(ctx, inc)
}

// remembers reports whether the journal can be trusted to know what was under way: it never was lost, or
// the orders were imported since and a person approved.
func (s *Incidents) remembers(ctx context.Context, inc *journal.Incident) (bool, string, error) {
	lost, err := s.Journal.Forgot(ctx, inc.Organization)
	if err != nil || lost.IsZero() {
		return true, "the journal is whole", err
	}
	age, err := s.Index.Age(ctx, inc.Organization)
	if err != nil {
		return false, "", err
	}
	if !age.Imported.After(lost) {
		return false, "Redis lost the journal at " + lost.Format(time.RFC3339) + ": import the orders, then approve", nil
	}
	return !inc.ApprovedAt.IsZero(), "Redis lost the journal at " + lost.Format(time.RFC3339) + "; the orders were imported since", nil
}

// drain opens the way and sends the first page of the walk.
func (s *Incidents) drain(ctx context.Context, inc *journal.Incident) error {
	now := s.Now()
	inc.State = journal.Draining
	if inc.DrainedAt.IsZero() {
		inc.DrainedAt = now.UTC()
	}
	inc.Note(now, "draining", "")
	err := s.Journal.SaveIncident(ctx, inc, now)
	if errors.Is(err, journal.ErrObsolete) {
		return nil // somebody else was faster
	}
	if err != nil {
		return err
	}
	s.log(ctx, inc, "incident draining")
	return s.walk(ctx, inc, passOf(inc))
}

func (s *Incidents) walk(ctx context.Context, inc *journal.Incident, pass string) error {
	return s.Queue.Submit(ctx, tasks.Fanout{V: tasks.Version, Organization: inc.Organization, Incident: inc.ID, Pass: pass}, s.Now())
}

// movable counts, from the index alone, the delivery orders that would move; it stops counting one above
// the limit.
func (s *Incidents) movable(ctx context.Context, inc *journal.Incident) (int, error) {
	n, cursor := 0, ""
	for {
		ids, next, err := s.Index.InFlight(ctx, inc.Organization, inc.LocationID, cursor, pageSize)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			e, _, err := s.Index.Get(ctx, inc.Organization, id)
			if err != nil {
				return 0, err
			}
			if slices.Contains(s.Settings.Statuses, e.Status) {
				n++
			}
			if n > s.Settings.ApproveAbove {
				return n, nil
			}
		}
		if next == "" {
			return n, nil
		}
		cursor = next
	}
}

// another is the next observation of an incident.
func (s *Incidents) another(inc *journal.Incident) tasks.Observe {
	return tasks.Observe{V: tasks.Version, Organization: inc.Organization, Location: inc.LocationID, Incident: inc.ID,
		Round: int(s.Now().Unix())}
}

// Pause stops every mutation of a scope: journal.Everything or a location id. False: it is paused already.
func (s *Incidents) Pause(ctx context.Context, organization, scope string, by handover.By) (bool, error) {
	return s.Journal.Pause(ctx, organization, journal.Pause{Scope: scope, From: s.Now().UTC(), By: by.User, Reason: by.Reason})
}

// Resume lifts a pause and has the open incidents judged again. False: the scope is not paused.
func (s *Incidents) Resume(ctx context.Context, organization, scope string, _ handover.By) (bool, error) {
	lifted, err := s.Journal.Resume(ctx, organization, scope, s.Now())
	if err != nil || !lifted {
		return lifted, err
	}
	open, err := s.Journal.Failing(ctx, organization)
	if err != nil {
		return true, err
	}
	for location, id := range open {
		inc := &journal.Incident{Organization: organization, LocationID: location, ID: id}
		if err := s.Queue.Submit(ctx, s.another(inc), s.Now()); err != nil {
			return true, err
		}
	}
	return true, nil
}
