package incident

import (
	"context"
	"slices"
	"strings"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// DescribeUnblock says what Unblock would lift now, and what would still hold the incident back. The error wraps
// handover.ErrNotApplicable where there is nothing that an operator may lift; its text says what to do instead.
func (s *Incidents) DescribeUnblock(ctx context.Context, inc *journal.Incident) (string, error) {
	lifts, _, err := s.liftable(ctx, inc)
	return lifts, err
}

// liftable says what unblocking would lift, and for a blocked incident which gates that waives.
func (s *Incidents) liftable(ctx context.Context, inc *journal.Incident) (lifts string, waives []Hold, err error) {
	no := func(format string, args ...any) (string, []Hold, error) {
		return "", nil, handover.NewUserError(handover.ErrNotApplicable, format, args...)
	}
	switch inc.State {
	case journal.Stopped:
		n, err := s.countUnreleased(ctx, inc)
		if err != nil {
			return "", nil, err
		}
		if n > 0 {
			return no("incident %s still takes back what it prepared (%d to go); try again in a moment", inc.ID, n)
		}
		return "the stop", nil, nil
	case journal.Blocked, journal.AwaitingApproval:
		return s.liftableGates(ctx, inc)
	case journal.Closed:
		last, err := s.Journal.Cooldown(ctx, inc.Organization, inc.LocationID)
		if err != nil {
			return "", nil, err
		}
		if until := last.At.Add(s.Settings.Cooldown); last.Incident == inc.ID && s.Now().Before(until) {
			return "the cooldown of its location until " + formatTime(until), nil, nil
		}
	case journal.Settling, journal.Draining, journal.Watching, journal.Dismissed:
	}
	return no("incident %s is %s; nothing holds it that could be lifted", inc.ID, inc.State)
}

// liftableGates returns the gates that unblocking an incident would waive, if it is blocked or is about to be.
func (s *Incidents) liftableGates(ctx context.Context, inc *journal.Incident) (lifts string, waives []Hold, err error) {
	report, err := s.Blocking(ctx, inc)
	if err != nil {
		return "", nil, err
	}
	no := func(format string, args ...any) (string, []Hold, error) {
		return "", nil, handover.NewUserError(handover.ErrNotApplicable, format, args...)
	}
	waives = slices.DeleteFunc(slices.Clone(report.Blocking), func(h Hold) bool { return !h.Waivable })
	rest := slices.DeleteFunc(slices.Clone(report.Blocking), func(h Hold) bool { return h.Waivable })
	switch stand := blockingHolds(report.Blocking); {
	case len(stand) == 0 && inc.State == journal.AwaitingApproval:
		return no("incident %s is %s; nothing holds it that could be lifted%s", inc.ID, inc.State, explainAll("; it waits for ", rest))
	case len(stand) == 0:
		return no("no gate blocks incident %s any more; it goes on by itself at the next sweep%s", inc.ID, explainAll(", and waits for ", rest))
	case len(waives) == 0:
		return no("incident %s is blocked by %s", inc.ID, explainAll("", rest))
	}
	var names []string
	for _, h := range waives {
		names = append(names, h.String())
	}
	return strings.Join(names, " and ") + explainAll("; what remains: ", rest), waives, nil
}

// explainAll explains gates after a lead; nothing where there are none.
func explainAll(lead string, holds []Hold) string {
	if len(holds) == 0 {
		return ""
	}
	var all []string
	for _, h := range holds {
		all = append(all, h.Explain())
	}
	return lead + strings.Join(all, "; also ")
}

// Unblock waives, for this incident, all gates that block it and can be waived; of a closed incident it ends the
// cooldown; a stopped one it closes. The error is as DescribeUnblock returns it.
func (s *Incidents) Unblock(ctx context.Context, inc *journal.Incident, by handover.Actor) error {
	lifts, waives, err := s.liftable(ctx, inc)
	if err != nil {
		return err
	}
	switch inc.State {
	case journal.Closed:
		return s.endCooldown(ctx, inc, lifts, by)
	case journal.Stopped:
		return s.closeStopped(ctx, inc, by)
	case journal.Blocked, journal.AwaitingApproval, journal.Settling, journal.Draining, journal.Watching, journal.Dismissed:
	} // of these states, liftable lets only a blocked incident pass
	fresh, err := s.waive(ctx, inc, waives, lifts, by)
	if err != nil {
		return err
	}
	return s.Queue.Submit(ctx, s.nextObservation(fresh), s.Now())
}

// waive stores the waivers of gates.
func (s *Incidents) waive(ctx context.Context, inc *journal.Incident, waives []Hold, lifts string, by handover.Actor) (*journal.Incident, error) {
	for _, g := range s.gates(inc, nil) {
		if g.waive == nil || !slices.ContainsFunc(waives, func(h Hold) bool { return h.Gate == g.name }) {
			continue
		}
		if err := g.waive(ctx); err != nil {
			return nil, err
		}
	}
	return s.updateIncident(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		before := len(i.Waivers)
		for _, h := range waives {
			if i.Waiver(h.Gate) == nil {
				i.Waivers = append(i.Waivers, journal.Waiver{Gate: h.Gate, At: s.Now().UTC(), By: by.User, Reason: by.Reason})
			}
		}
		if i.State != inc.State || len(i.Waivers) == before {
			return handover.NewUserError(handover.ErrNotApplicable, "incident %s is not blocked by %s any more", i.ID, waives[0].Gate)
		}
		i.Note(s.Now(), "unblocked, "+lifts+": "+by.Reason, by.User)
		return nil
	})
}

// endCooldown ends the cooldown that a closed incident began.
func (s *Incidents) endCooldown(ctx context.Context, inc *journal.Incident, lifts string, by handover.Actor) error {
	lifted, err := s.Journal.ClearCooldown(ctx, inc.Organization, inc.LocationID, inc.ID)
	if err == nil && !lifted {
		err = handover.NewUserError(handover.ErrNotApplicable, "the cooldown that incident %s left was lifted already", inc.ID)
	}
	if err != nil {
		return err
	}
	_, err = s.updateIncident(ctx, inc.Organization, inc.ID, func(i *journal.Incident) error {
		i.Note(s.Now(), "unblocked, "+lifts+": "+by.Reason, by.User)
		return nil
	})
	return err
}
