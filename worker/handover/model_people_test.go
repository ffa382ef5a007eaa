package handover_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// peoplesActs are the verbs of people, as a play draws them.
var peoplesActs = []string{"retry", "leave", "proceed", "pause", "resume", "stop", "unblock", "approve", "approve", "open", "close", "close"}

// person is one act of somebody; a refusal is an answer.
func (p *play) person(verb string) {
	by := handover.Actor{User: "ops", Reason: "drawn"}
	switch verb {
	case "retry":
		p.each(func(r *journal.Reassignment) error {
			p.retried[r.Identity.ID] = true
			return p.Handover.Retry(p.ctx, r, by)
		})
	case "leave":
		p.each(func(r *journal.Reassignment) error { return p.Handover.Leave(p.ctx, r, by) })
	case "proceed":
		p.each(func(r *journal.Reassignment) error {
			err := p.Handover.Proceed(p.ctx, r, by)
			if err == nil && r.Release.Proceeded {
				p.must(p.Platform.PersonProceeds(r.Identity.DeliveryOrder))
			}
			return err
		})
	case "pause":
		scope := p.pick("scope", journal.AllLocations, "loc_paris")
		_, err := p.Incidents.Pause(p.ctx, world.Org, scope, by)
		p.must(err)
		sent := p.sent(func(sandbox.Entry) bool { return true })
		p.pass(time.Duration(rapid.IntRange(1, 600).Draw(p.rt, "paused")) * time.Second)
		if scope == journal.AllLocations {
			p.silent("while all is paused", sent, p.sent(func(sandbox.Entry) bool { return true }))
		}
	case "resume":
		p.resume()
	case "stop":
		p.incidents(func(inc *journal.Incident) error { return p.ends(inc, 300, by, p.Incidents.Stop) })
	case "open":
		p.opens(p.pick("opened", "loc_paris", "loc_paris", "loc_lyon"))
	case "close": // a location in ERROR may settle anew, and is drained then
		p.incidents(func(inc *journal.Incident) error { return p.ends(inc, 100, by, p.Incidents.CloseByHand) })
	case "unblock":
		p.incidents(func(inc *journal.Incident) error { return p.Incidents.Unblock(p.ctx, inc, by) })
	case "approve":
		if inc, err := p.Incident(p.ctx); err == nil && inc.State == journal.AwaitingApproval {
			limit := rapid.IntRange(0, 2).Draw(p.rt, "limit")
			p.answered(func() error {
				ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second) // a plan waits for the platform in real time
				defer cancel()
				err := p.Approve(ctx, limit, by)
				if errors.Is(err, context.DeadlineExceeded) {
					return nil
				}
				return err
			})
		}
	}
}

// resume ends every pause.
func (p *play) resume() {
	for _, scope := range []string{journal.AllLocations, "loc_paris"} {
		_, err := p.Incidents.Resume(p.ctx, world.Org, scope, handover.Actor{User: "ops", Reason: "drawn"})
		p.must(err)
	}
}

// opens opens an incident by hand.
func (p *play) opens(location string) {
	p.answered(func() error {
		_, err := p.Incidents.OpenByHand(p.ctx, world.Org, location, handover.Actor{User: "ops", Reason: "drawn"})
		p.drawn.count("opening by hand", map[bool]string{true: "is done", false: "is refused"}[err == nil], "is done", "is refused")
		return err
	})
}

// ends stops or closes an incident and looks for a while, of so many seconds at most, that nothing of it is begun: no original is
// moved or cancelled at its location whose release had not begun. One whose cancel was refused may turn out to be released by
// it all the same.
func (p *play) ends(inc *journal.Incident, most int, by handover.Actor, do func(context.Context, *journal.Incident, handover.Actor) error) error {
	if err := do(p.ctx, inc, by); err != nil {
		return err
	}
	rows, err := p.Rows(p.ctx)
	p.must(err)
	unreleased := func(e sandbox.Entry) bool {
		return cmp.Or(e.From, e.Location) == inc.LocationID && slices.ContainsFunc(rows, func(r *journal.Reassignment) bool {
			return r.Identity.Incident == inc.ID && r.Identity.DeliveryOrder == e.DeliveryOrder && !r.ReleaseBegan() && r.Release.CancelSentAt.IsZero()
		})
	}
	sent := p.sent(unreleased)
	p.pass(time.Duration(rapid.IntRange(1, most).Draw(p.rt, "ended")) * time.Second)
	p.silent("after the end of "+inc.ID, sent, p.sent(unreleased))
	return nil
}

// sent lists the requests of ours that meant to change something, but for those that stood on the wire.
func (p *play) sent(which func(sandbox.Entry) bool) (acts []int) {
	all := p.Platform.Books().Entries
	var late []int
	entries, _ := p.lateEntries(all)
	for _, e := range entries {
		late = append(late, e.SentSeq)
	}
	for _, e := range all {
		if strings.HasPrefix(e.Actor, "api:") && which(e) && !slices.Contains(late, e.SentSeq) {
			acts = append(acts, e.SentSeq)
		}
	}
	return acts
}

// silent checks that nothing was sent meanwhile. What was sent before may be applied late.
func (p *play) silent(when string, before, after []int) {
	known := 0
	if len(before) > 0 {
		known = slices.Max(before)
	}
	for _, seq := range after {
		if seq > known {
			p.rt.Errorf("%s, request %d was sent\n%s", when, seq, p.story())
		}
	}
}

// incidents does something to every incident.
func (p *play) incidents(do func(*journal.Incident) error) {
	ids, err := p.Journal.IncidentIDs(p.ctx, world.Org)
	p.must(err)
	for _, id := range ids {
		inc, err := p.Journal.Incident(p.ctx, world.Org, id)
		p.must(err)
		p.answered(func() error { return do(inc) })
	}
}

// each does something to every row that needs an operator.
func (p *play) each(do func(*journal.Reassignment) error) {
	rows, err := p.Rows(p.ctx)
	p.must(err)
	for _, r := range rows {
		if r.State == journal.NeedsPerson {
			p.answered(func() error { return do(r) })
		}
	}
}

// answered asks something of the worker, which obeys, refuses, says that the platform does not answer, or dies over it.
func (p *play) answered(ask func() error) {
	err := p.RunOperatorAction(ask)
	if e := (*happycolis.Error)(nil); errors.As(err, &e) && !e.IsRefused() {
		return
	}
	if err != nil && !errors.Is(err, handover.ErrNotApplicable) && !errors.Is(err, handover.ErrMovedOn) && !errors.Is(err, journal.ErrObsolete) {
		p.rt.Fatal(err)
	}
}
