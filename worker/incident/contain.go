package incident

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/journal"
)

// see records what a gate saw, and whether it holds: one that a person waived does.
func (s *Incidents) see(inc *journal.Incident, name string, pass bool, saw string) bool {
	if w := inc.Waiver(name); w != nil && !pass {
		pass, saw = true, saw+"; waived by "+w.By
	}
	inc.SetGate(journal.Gate{Name: name, At: s.Now().UTC(), Pass: pass, Saw: saw})
	return pass
}

// cooled reports whether the location had its rest since an incident there that moved delivery orders was
// closed: one that flaps is drained once in the cooldown.
func (s *Incidents) cooled(ctx context.Context, inc *journal.Incident) (bool, string, error) {
	last, err := s.Journal.Cooling(ctx, inc.Organization, inc.LocationID)
	if err != nil || last.Incident == "" {
		return true, "no incident was closed here", err
	}
	until := last.At.Add(s.Settings.Cooldown)
	saw := fmt.Sprintf("%s was closed at %s, the cooldown of %s ends at %s", last.Incident, stamp(last.At), s.Settings.Cooldown, stamp(until))
	return !s.Now().Before(until), saw, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// contain judges the gates that stand beside a drain as long as it lasts. held: one of them blocks, and the
// incident is saved.
func (s *Incidents) contain(ctx context.Context, inc *journal.Incident) (held bool, err error) {
	if held, err = s.spread(ctx, inc); err != nil || held {
		return held, err
	}
	return s.canary(ctx, inc)
}

// spread judges the blast radius.
func (s *Incidents) spread(ctx context.Context, inc *journal.Incident) (held bool, err error) {
	share, saw, err := s.share(ctx, inc)
	if err != nil {
		return false, err
	}
	if !s.see(inc, gateBlast, share <= s.Settings.MaxShare, saw) {
		return true, s.block(ctx, inc, gateBlast, saw)
	}
	return false, nil
}

// canary judges how the first reassignments went; that no more of them begin than it allows, the journal
// sees to by itself.
func (s *Incidents) canary(ctx context.Context, inc *journal.Incident) (held bool, err error) {
	c, err := s.Journal.Canaries(ctx, inc.Organization, inc.ID)
	if err != nil {
		return false, err
	}
	saw := s.canarySaw(c)
	if !s.see(inc, gateCanary, !c.Stops(s.Settings.Canary), saw) {
		return true, s.block(ctx, inc, gateCanary, saw)
	}
	return false, nil
}

func (s *Incidents) canarySaw(c journal.Canary) string {
	switch {
	case c.Stops(s.Settings.Canary):
		return fmt.Sprintf("%d delivery orders in a row were refused or not confirmed", c.Streak)
	case c.Proven:
		return "a replacement was sent"
	}
	return fmt.Sprintf("no replacement was sent yet; %d of %d places are taken", c.Places, s.Settings.Canary)
}
