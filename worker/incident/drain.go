package incident

import (
	"context"
	"errors"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// passGates judges the gates of an incident whose location has failed: it becomes blocked, waits for an approval, or
// drains. An incident that a gate blocks is blocked even where a later gate cannot be judged now.
func (s *Incidents) passGates(ctx context.Context, inc *journal.Incident, read reading) error {
	judged, requests, err := s.judgeGates(ctx, inc, &read, allGates)
	inc.Requests += requests
	holds := Holds(inc.ID, judged)
	switch {
	case len(blockingHolds(holds)) > 0:
		return s.block(ctx, inc, judged)
	case err != nil:
		return err
	case len(holds) > 0:
		return s.awaitApproval(ctx, inc, judged)
	}
	inc.Gates = judged
	return s.startDrain(ctx, inc)
}

// recheckDrainGates judges the gates that are judged during a drain, too. held reports that one of them blocks
// the incident; then the incident was saved.
func (s *Incidents) recheckDrainGates(ctx context.Context, inc *journal.Incident) (merged []journal.Gate, held bool, err error) {
	judged, requests, err := s.judgeGates(ctx, inc, nil, duringDrain)
	inc.Requests += requests
	merged = mergeGates(inc.Gates, judged)
	if len(blockingHolds(Holds(inc.ID, judged))) > 0 {
		return merged, true, s.block(ctx, inc, merged)
	}
	return merged, false, err
}

// block records which gate blocks an incident. Nothing is logged where the same gate blocked it before.
func (s *Incidents) block(ctx context.Context, inc *journal.Incident, judged []journal.Gate) error {
	first, was := blockingHolds(Holds(inc.ID, judged))[0], inc.State
	if was == journal.Blocked && !recordGates(inc, judged) {
		return s.saveIncident(ctx, inc, "")
	}
	inc.State, inc.Gates = journal.Blocked, judged
	inc.Note(s.Now(), "blocked by "+first.Gate+": "+first.Detail, "")
	return s.saveIncident(ctx, inc, map[bool]string{true: "incident blocked"}[was != journal.Blocked])
}

// awaitApproval records that an incident waits for an approval, and why.
func (s *Incidents) awaitApproval(ctx context.Context, inc *journal.Incident, judged []journal.Gate) error {
	if inc.State == journal.AwaitingApproval {
		recordGates(inc, judged)
		return s.saveIncident(ctx, inc, "")
	}
	inc.State, inc.Gates = journal.AwaitingApproval, judged
	memory, _ := findGate(judged, gateMemory)
	why, applies := findGate(judged, gateSize)
	if !applies {
		why, _ = findGate(judged, gateMode)
	}
	inc.Note(s.Now(), "waiting for approval: "+memory.Detail+", "+why.Detail, "")
	return s.saveIncident(ctx, inc, "incident waits for approval")
}

// startDrain makes the incident draining and submits the first page of the walk through the index.
func (s *Incidents) startDrain(ctx context.Context, inc *journal.Incident) error {
	now := s.Now()
	inc.State = journal.Draining
	if inc.DrainedAt.IsZero() {
		inc.DrainedAt = now.UTC()
	}
	inc.Note(now, "draining", "")
	err := s.Journal.SaveIncident(ctx, inc, now)
	if errors.Is(err, journal.ErrObsolete) {
		return nil // somebody else changed the incident: the next observation decides
	}
	if err != nil {
		return err
	}
	s.logChange(ctx, inc, "incident draining")
	return s.enqueueFanout(ctx, inc, passName(inc))
}

func (s *Incidents) enqueueFanout(ctx context.Context, inc *journal.Incident, pass string) error {
	return s.Queue.Submit(ctx, tasks.Fanout{V: tasks.Version, Organization: inc.Organization, Incident: inc.ID, Pass: pass}, s.Now())
}

// ContinueApproved has an incident go on with what an operator approved.
func (s *Incidents) ContinueApproved(ctx context.Context, inc *journal.Incident) error {
	s.logChange(ctx, inc, "incident approved")
	if inc.MayBegin() {
		return s.enqueueFanout(ctx, inc, passName(inc))
	}
	return s.Queue.Submit(ctx, s.nextObservation(inc), s.Now())
}

// nextObservation returns the task of the incident's next observation.
func (s *Incidents) nextObservation(inc *journal.Incident) tasks.Observe {
	return tasks.Observe{V: tasks.Version, Organization: inc.Organization, Location: inc.LocationID, Incident: inc.ID,
		Round: int(s.Now().Unix())}
}

// Pause stops every mutation of a scope: journal.AllLocations or a location id. False: it is paused already.
func (s *Incidents) Pause(ctx context.Context, organization, scope string, by handover.Actor) (bool, error) {
	return s.Journal.Pause(ctx, organization, journal.Pause{Scope: scope, From: s.Now().UTC(), By: by.User, Reason: by.Reason})
}

// Resume ends a pause and has the open incidents judged again. False: the scope is not paused.
func (s *Incidents) Resume(ctx context.Context, organization, scope string, _ handover.Actor) (bool, error) {
	lifted, err := s.Journal.Resume(ctx, organization, scope, s.Now())
	if err != nil || !lifted {
		return lifted, err
	}
	open, err := s.Journal.OpenIncidents(ctx, organization)
	if err != nil {
		return true, err
	}
	for location, id := range open {
		inc := &journal.Incident{Organization: organization, LocationID: location, ID: id}
		if err := s.Queue.Submit(ctx, s.nextObservation(inc), s.Now()); err != nil {
			return true, err
		}
	}
	return true, nil
}
