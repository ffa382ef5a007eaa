package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// recheckAfter is when to observe again where the platform could not be asked.
const recheckAfter = 10 * time.Second

// reconcile reads the location of an incident and makes the transition that follows. A wait above zero asks to be
// called again after it, since the platform could not be asked now.
func (s *Incidents) reconcile(ctx context.Context, org *worker.Organization, inc *journal.Incident) (wait time.Duration, err error) {
	early := inc.SettlingSince().Add(s.Settings.Settle).Sub(s.Now())
	if inc.State == journal.Settling && early > 0 && !inc.HasByHand() {
		return early, nil // the queue may run a task up to a second early
	}
	if inc.ByPlan {
		if err := s.Journal.FinishApproval(ctx, inc.Organization, inc.ID); err != nil {
			return 0, err
		}
	}
	if inc.State == journal.Stopped {
		if err := s.handleStopped(ctx, inc); err != nil || inc.IsOfOperator() {
			return 0, err // what an operator opened is held until an operator unblocks it, whatever it reads
		}
	}
	loc, err := s.readLocation(ctx, org, inc)
	if err != nil {
		return s.handleReadError(ctx, inc, err)
	}
	inc.Location = loc.Slug
	if inc.HasByHand() && loc.Integration != nil || inc.State == journal.Settling && loc.Integration != nil && loc.Integration.State == orders.IntegrationError {
		// Even the integration's id in the event is only a hint: what reads ERROR now is what failed.
		inc.Integration = loc.Integration.ID
	}
	reads := orders.IntegrationReads(loc.Integration, inc.Integration)
	if reads == orders.Recovered && !orders.MayRelease(inc, loc.Integration) {
		// One read may be stale (assumed), so the end of an incident takes a second one.
		if loc, err = s.readLocation(ctx, org, inc); err != nil {
			return s.handleReadError(ctx, inc, err)
		}
		reads = orders.IntegrationReads(loc.Integration, inc.Integration)
	}
	inc.Round++
	if err := s.snapshotIndex(ctx, inc); err != nil {
		return 0, err
	}
	if reads == orders.Erring {
		inc.ErrorAt = s.Now().UTC().Truncate(time.Millisecond)
	}
	inc.ReadsError = inc.IsOfOperator() && reads == orders.Erring
	switch {
	case inc.IsClosing():
		return 0, s.finishClosing(ctx, inc)
	case orders.MayRelease(inc, loc.Integration):
		err := s.handleFailing(ctx, inc)
		if happycolis.KindOf(err) != "" { // a gate had to ask the platform too
			return s.handleReadError(ctx, inc, err)
		}
		return 0, err
	case reads == orders.Recovered:
		return 0, s.handleRecovered(ctx, inc)
	default:
		return 0, s.blockUnexpectedState(ctx, inc, loc)
	}
}

// readLocation reads the location of an incident from the platform, and stores its slug in the index.
func (s *Incidents) readLocation(ctx context.Context, org *worker.Organization, inc *journal.Incident) (*happycolis.Location, error) {
	inc.Requests++
	loc, err := org.ForHandover.Location(ctx, inc.LocationID)
	if inc.IsOfOperator() && happycolis.KindOf(err) == happycolis.KindNotFound {
		return &happycolis.Location{Slug: inc.Location}, nil // no reading matters to it
	}
	if err != nil {
		return nil, err
	}
	return loc, s.Index.PutLocation(ctx, org.ID, index.Location{ID: loc.ID, Slug: loc.Slug, Date: loc.Date})
}

// handleReadError says when to observe again after a failed read. No transition follows from it.
func (s *Incidents) handleReadError(ctx context.Context, inc *journal.Incident, err error) (time.Duration, error) {
	var e *happycolis.Error
	if !errors.As(err, &e) || e.Kind == happycolis.KindLimiter {
		return 0, fmt.Errorf("observing %s: %w", inc.LocationID, err)
	}
	if e.Kind == happycolis.KindNotFound && inc.State == journal.Settling {
		inc.State, inc.ClosedAt = journal.Dismissed, s.Now().UTC()
		inc.Note(s.Now(), "dismissed: the platform does not know the location", "")
		return 0, s.saveIncident(ctx, inc, "incident dismissed")
	}
	if e.Kind != happycolis.KindWaiting {
		s.Log.WarnContext(ctx, "location cannot be observed", "organization", inc.Organization, "incident", inc.ID,
			"location", inc.LocationID, "error", err)
	}
	return max(recheckAfter, e.RetryAfter), nil
}

// handleFailing judges the gates of an incident whose location reads ERROR, or continues its drain.
func (s *Incidents) handleFailing(ctx context.Context, inc *journal.Incident) error {
	switch inc.State {
	case journal.Settling, journal.AwaitingApproval, journal.Blocked:
		if inc.HasByHand() {
			return s.passGates(ctx, inc, openedByHand)
		}
		return s.passGates(ctx, inc, readsError)
	case journal.Draining, journal.Watching:
		return s.updateProgress(ctx, inc)
	case journal.Stopped, journal.Closed, journal.Dismissed:
	}
	return nil // an operator stopped it, or it is over
}

// blockUnexpectedState blocks an incident whose location reads neither ERROR nor recovered: another integration, none,
// or one that is INACTIVE or PENDING. An operator has to look.
func (s *Incidents) blockUnexpectedState(ctx context.Context, inc *journal.Incident, loc *happycolis.Location) error {
	if inc.State == journal.Stopped {
		return nil
	}
	read := reading{detail: "no integration"}
	if loc.Integration != nil {
		read.detail = "integration " + loc.Integration.ID + " in " + loc.Integration.State
	}
	return s.passGates(ctx, inc, read)
}

// saveIncident saves the incident where something of it changed, so that open pages reload only then, and logs what
// unless it is empty. It ignores that somebody else changed the incident: the next observation judges again.
func (s *Incidents) saveIncident(ctx context.Context, inc *journal.Incident, what string) error {
	if what == "" {
		if same, err := s.Journal.NoteObserved(ctx, inc); err != nil || same {
			return err
		}
	}
	err := s.Journal.SaveIncident(ctx, inc, s.Now())
	if errors.Is(err, journal.ErrObsolete) {
		return nil
	}
	if err == nil && what != "" {
		s.logChange(ctx, inc, what)
	}
	return err
}
