package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Stop ends what an incident begins, for good: nothing new starts, what is prepared is taken back, what is
// released is finished. The location stays held, so that no other incident opens there, until it reads ACTIVE
// or a person lifts the stop. The error wraps handover.ErrNotApplicable where the incident is stopped or over.
func (s *Incidents) Stop(ctx context.Context, inc *journal.Incident, by handover.By) error {
	fresh, err := s.change(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		if i.State == journal.Stopped || !i.State.Open() {
			return handover.Refuse(handover.ErrNotApplicable, "incident %s is %s already", i.ID, i.State)
		}
		i.State = journal.Stopped
		i.Note(s.Now(), "stopped: "+by.Reason, by.User)
		return nil
	})
	if err != nil {
		return err
	}
	s.log(ctx, fresh, "incident stopped")
	return s.Queue.Submit(ctx, s.another(fresh), s.Now())
}

// stopped takes back what a stopped incident prepared, and reports once all is at rest. It needs no reading
// of the location.
func (s *Incidents) stopped(ctx context.Context, inc *journal.Incident) error {
	tally, err := s.Journal.Tally(ctx, inc.Organization, inc.ID)
	if err != nil || tally.UnderWay() == 0 && inc.Report != nil {
		return err
	}
	open, err := s.withdraw(ctx, inc, journal.StoppedByUs)
	if err != nil || open > 0 {
		return err
	}
	if err := s.report(ctx, inc); err != nil {
		return err
	}
	inc.Note(s.Now(), "all is at rest; the location is still held", "")
	return s.save(ctx, inc, "")
}

// Lifts says what unblocking an incident would lift now. The error wraps handover.ErrNotApplicable where there
// is nothing that a person may lift; its text says what to do instead.
func (s *Incidents) Lifts(ctx context.Context, inc *journal.Incident) (string, error) {
	no := func(format string, args ...any) (string, error) {
		return "", handover.Refuse(handover.ErrNotApplicable, format, args...)
	}
	switch inc.State {
	case journal.Stopped:
		n, err := s.unreleased(ctx, inc)
		if err != nil {
			return "", err
		}
		if n > 0 {
			return no("incident %s still takes back what it prepared (%d to go); try again in a moment", inc.ID, n)
		}
		return "the stop", nil
	case journal.Blocked:
		g := blocking(inc)
		if g == nil {
			return no("no gate blocks incident %s any more; it goes on by itself at the next sweep", inc.ID)
		}
		if !slices.Contains([]string{gateCooldown, gateBlast, gateCanary}, g.Name) {
			return no("incident %s is blocked by the gate %s (%s), which nobody can waive%s", inc.ID, g.Name, g.Saw, instead(g.Name))
		}
		return "the gate " + g.Name + " (" + g.Saw + ")", nil
	case journal.Closed:
		last, err := s.Journal.Cooling(ctx, inc.Organization, inc.LocationID)
		if err != nil {
			return "", err
		}
		if until := last.At.Add(s.Settings.Cooldown); last.Incident == inc.ID && s.Now().Before(until) {
			return "the cooldown of its location until " + stamp(until), nil
		}
	case journal.Settling, journal.AwaitingApproval, journal.Draining, journal.Watching, journal.Dismissed:
	}
	return no("incident %s is %s; nothing holds it that could be lifted", inc.ID, inc.State)
}

// instead says what helps where a gate cannot be waived.
func instead(gate string) string {
	switch gate {
	case gatePause:
		return "; lift the pause: reassigner resume"
	case gateObservation:
		return "; it goes on by itself when the location reads ERROR, and ends when it reads ACTIVE"
	}
	return ""
}

// blocking is the gate that an incident is blocked by: the first that does not hold.
func blocking(inc *journal.Incident) *journal.Gate {
	at := slices.IndexFunc(inc.Gates, func(g journal.Gate) bool { return !g.Pass })
	if at < 0 {
		return nil
	}
	return &inc.Gates[at]
}

// unreleased counts what is under way and not released.
func (s *Incidents) unreleased(ctx context.Context, inc *journal.Incident) (n int, err error) {
	for r, err := range s.Journal.Rows(ctx, inc.Organization, inc.ID) {
		if err != nil {
			return 0, err
		}
		if !r.State.AtRest() && !r.ReleaseBegan() {
			n++
		}
	}
	return n, nil
}

// Unblock lifts what holds an incident: it waives the gate that blocks it, for this incident, ends the cooldown
// that a closed one left, or closes a stopped one. It refuses as Lifts does.
func (s *Incidents) Unblock(ctx context.Context, inc *journal.Incident, by handover.By) error {
	lifts, err := s.Lifts(ctx, inc)
	if err != nil {
		return err
	}
	switch inc.State {
	case journal.Closed:
		lifted, err := s.Journal.EndCooling(ctx, inc.Organization, inc.LocationID, inc.ID)
		if err == nil && !lifted {
			err = handover.Refuse(handover.ErrNotApplicable, "the cooldown that incident %s left was lifted already", inc.ID)
		}
		if err != nil {
			return err
		}
		_, err = s.change(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
			i.Note(s.Now(), "unblocked, "+lifts+": "+by.Reason, by.User)
			return nil
		})
		return err
	case journal.Stopped:
		return s.lift(ctx, inc, by)
	case journal.Blocked, journal.Settling, journal.AwaitingApproval, journal.Draining, journal.Watching, journal.Dismissed:
	} // of these, Lifts let pass only the blocked
	g := blocking(inc).Name
	if g == gateCanary {
		if err := s.Journal.WaiveCanary(ctx, inc.Organization, inc.ID); err != nil {
			return err
		}
	}
	fresh, err := s.change(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		if i.State != journal.Blocked || i.Waiver(g) != nil {
			return handover.Refuse(handover.ErrNotApplicable, "incident %s is not blocked by %s any more", i.ID, g)
		}
		i.Waivers = append(i.Waivers, journal.Waiver{Gate: g, At: s.Now().UTC(), By: by.User, Reason: by.Reason})
		i.Note(s.Now(), "unblocked, "+lifts+": "+by.Reason, by.User)
		return nil
	})
	if err != nil {
		return err
	}
	return s.Queue.Submit(ctx, s.another(fresh), s.Now())
}

// lift closes a stopped incident, once more where the sweep wrote to it at the same moment, as it does when all is
// at rest.
func (s *Incidents) lift(ctx context.Context, inc *journal.Incident, by handover.By) error {
	var faster error
	for range triesMost {
		inc.LiftedBy = by.User
		if err := s.close(ctx, inc, "unblocked and closed: "+by.Reason); err != nil {
			return err
		}
		if faster = s.closed(ctx, inc); !errors.Is(faster, journal.ErrObsolete) {
			return faster
		}
		fresh, err := s.Journal.Incident(ctx, inc.Organization, inc.ID)
		if err != nil {
			return err
		}
		inc = fresh
	}
	return faster
}

// closed makes sure that an incident was closed by us: save does not mind that somebody else was faster.
func (s *Incidents) closed(ctx context.Context, inc *journal.Incident) error {
	now, err := s.Journal.Incident(ctx, inc.Organization, inc.ID)
	if err == nil && now.State.Open() {
		err = errors.Join(fmt.Errorf("closing incident %s", inc.ID), journal.ErrObsolete)
	}
	return err
}
