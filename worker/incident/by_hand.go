package incident

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// This file opens and closes what an operator answers for: a location that is emptied although it works. Nothing that it
// reads blocks such an incident or ends it, and nothing moves before an approval.

// openedByHand is what a gate says that asks nothing of an incident by hand.
var openedByHand = reading{failed: true, detail: "an operator opened it"}

// CheckOpenable returns an error where a location has an open incident: which, and what becomes of it.
func (s *Incidents) CheckOpenable(ctx context.Context, organization, location string) error {
	open, err := s.Journal.OpenIncidents(ctx, organization)
	if err != nil || open[location] == "" {
		return err
	}
	inc, err := s.Journal.Incident(ctx, organization, open[location])
	if err != nil {
		return err
	}
	return refuseOpen(inc)
}

// refuseOpen says why no incident can be opened by hand beside one that is open.
func refuseOpen(inc *journal.Incident) error {
	no := func(format string, args ...any) error {
		return handover.NewUserError(handover.ErrNotApplicable, "%s has incident %s already, %s", cmp.Or(inc.Location, inc.LocationID), inc.ID, fmt.Sprintf(format, args...))
	}
	id := plaintext.ShellWord(inc.ID)
	switch {
	case inc.HasByHand():
		return no("which %s opened by hand: %s", inc.ByHand.By, inc.ByHand.Reason)
	case inc.IsClosing():
		return no("which %s is closing; open another once what it released is at rest: reassigner incidents show %s", inc.ByHand.EndedBy, id)
	case inc.State == journal.Stopped:
		return no("which is stopped and holds it; lift that first: reassigner incidents unblock %s", id)
	}
	return no("since its integration reads ERROR or an event said so; when it reads ACTIVE again, what was not released is left there and the incident ends. "+
		"To empty the location even then, open one after that; to move nothing more: reassigner incidents stop %s", id)
}

// OpenByHand opens an incident of a location for an operator, who answers for it that the location does not ship: it waits for
// the approval of a plan. The error wraps handover.ErrNotApplicable where the location has an open incident.
func (s *Incidents) OpenByHand(ctx context.Context, organization, location string, by handover.Actor) (*journal.Incident, error) {
	now := s.Now().UTC().Truncate(time.Millisecond)
	place, _, err := s.Index.Location(ctx, organization, location)
	if err != nil {
		return nil, err
	}
	fresh := &journal.Incident{
		ID: journal.IncidentID(organization, location, now), Organization: organization, LocationID: location, Location: place.Slug,
		State: journal.Settling, OpenedAt: now, ByPlan: true, ByHand: &journal.ByHand{By: by.User, Reason: by.Reason, At: now},
	}
	if err := s.snapshotIndex(ctx, fresh); err != nil {
		return nil, err
	}
	fresh.Note(now, "opened by hand: "+by.Reason, by.User)
	inc, err := s.Journal.Open(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if inc.ByHand == nil || *inc.ByHand != *fresh.ByHand {
		return nil, refuseOpen(inc)
	}
	s.logChange(ctx, inc, "incident opened by hand")
	if err := s.Queue.Submit(ctx, s.nextObservation(inc), s.Now()); err != nil {
		return nil, err // the sweep observes it
	}
	return inc, s.passGates(ctx, inc, openedByHand) // so that it waits for its approval at once
}

// CheckClosable returns an error unless an operator opened the incident and nobody closed it.
func CheckClosable(i *journal.Incident) error {
	no := func(format string, args ...any) error {
		return handover.NewUserError(handover.ErrNotApplicable, "incident %s %s", i.ID, fmt.Sprintf(format, args...))
	}
	id := plaintext.ShellWord(i.ID)
	switch {
	case !i.State.IsOpen():
		return no("is %s already", i.State)
	case i.HasByHand():
		return nil
	case i.IsClosing():
		return no("was closed by %s; it ends once what it released is at rest", i.ByHand.EndedBy)
	case i.State == journal.Stopped:
		return no("is stopped; to free its location: reassigner incidents unblock %s", id)
	}
	return no("is of a location that failed, so it ends by itself when that works again; to move nothing more: reassigner incidents stop %s", id)
}

// CloseByHand ends the cause by hand of an incident: nothing more begins, what is not released is left where it is, what is
// released is finished. If its location reads ERROR, the incident goes on as one of a location that failed, from the settle
// window on. The error is as CheckClosable returns it.
func (s *Incidents) CloseByHand(ctx context.Context, inc *journal.Incident, by handover.Actor) error {
	fresh, err := s.updateIncident(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		if err := CheckClosable(i); err != nil {
			return err
		}
		i.EndByHand(s.Now(), by.User)
		i.State, i.LiftedBy = journal.Watching, by.User
		i.Note(s.Now(), "closed by hand: "+by.Reason, by.User)
		return nil
	})
	if err != nil {
		return err
	}
	s.logChange(ctx, fresh, "incident closed by hand")
	return s.Queue.Submit(ctx, s.nextObservation(fresh), s.Now())
}

// finishClosing brings an incident that an operator closed to its end. inc.ReadsError is what its location reads now.
func (s *Incidents) finishClosing(ctx context.Context, inc *journal.Incident) error {
	if inc.ReadsError {
		inc.SettleAnew(s.Now())
		inc.Note(s.Now(), "the location reads ERROR: it goes on as failed, from the settle window on, without its former approval", "")
		if err := s.saveIncident(ctx, inc, "incident settles anew"); err != nil {
			return err
		}
		return s.Queue.Submit(ctx, s.nextObservation(inc), s.Now().Add(s.Settings.Settle))
	}
	open, err := s.cancelUnreleased(ctx, inc, journal.ByPerson)
	if err != nil {
		return err
	}
	if open > 0 {
		return s.saveIncident(ctx, inc, "")
	}
	return s.closeIncident(ctx, inc, "closed")
}
