package handover_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/world"
)

// TestModel draws orders, moods of the platform, deaths of the worker and acts of people, in any order and
// number, and has the judge read the books once all is at rest. What it finds becomes a named case
// beside it.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		mode := rapid.SampledFrom([]string{incident.Automatic, incident.Automatic, incident.Approve}).Draw(rt, "mode")
		s := openShop(rt, world.Options{Incident: func(i *incident.Settings) { i.Mode = mode }})
		defer s.Close()
		p := &play{shop: s, rt: rt}
		p.seed()
		p.moods()
		s.Platform.Break("loc_paris")
		acts := rapid.IntRange(0, 12).Draw(rt, "acts")
		for range acts {
			p.act()
		}
		p.end()
		s.holds()
	})
}

// play is one drawn story.
type play struct {
	*shop
	rt     *rapid.T
	orders int
}

func (p *play) pick(what string, from ...string) string {
	return rapid.SampledFrom(from).Draw(p.rt, what)
}

func (p *play) seed() {
	p.orders = rapid.IntRange(1, 3).Draw(p.rt, "orders")
	for i := range p.orders {
		status := p.pick("status", sandbox.Draft, sandbox.Pending, sandbox.Pending, sandbox.Opened)
		p.order(fmt.Sprint(i), status, func(o *sandbox.Order, d *sandbox.DeliveryOrder) {
			if rapid.Bool().Draw(p.rt, "automatic") {
				automatic(o, d)
			}
			if rapid.IntRange(0, 4).Draw(p.rt, "not requested") == 0 {
				d.Events = nil
			}
		})
	}
}

func (p *play) moods() {
	for range rapid.IntRange(0, 4).Draw(p.rt, "moods") {
		p.mood()
	}
}

func (p *play) mood() {
	after := time.Duration(rapid.IntRange(0, 1200).Draw(p.rt, "after")) * time.Second
	count := rapid.IntRange(0, 3).Draw(p.rt, "count")
	do := fmt.Sprintf("do_%d", rapid.IntRange(0, p.orders-1).Draw(p.rt, "of"))
	kind := p.pick("mood", sandbox.CancelAsync, sandbox.CancelSilent, sandbox.CancelRefused, sandbox.CancelTakenBack, sandbox.CancelByLocation,
		sandbox.ResultError, sandbox.ResultErrorApplied, sandbox.RefuseOverAllocation, sandbox.RefuseAutomatic, sandbox.Redispatch, sandbox.CompleteOrder,
		sandbox.Reject, sandbox.RejectPart, sandbox.Silent, sandbox.Accept, sandbox.AcceptThenError, sandbox.RefuseNested, sandbox.RefuseSecondMutation,
		sandbox.StaleRead, sandbox.Vanished, sandbox.Fault500, sandbox.Fault429, sandbox.DropBefore, sandbox.DropAfter, sandbox.DropLate,
		sandbox.WebhookDuplicate, sandbox.WebhookDelay, sandbox.WebhookDrop, sandbox.WebhookSwap)
	m := sandbox.Mood{Kind: kind, After: after, Count: count}
	switch kind {
	case sandbox.CancelAsync, sandbox.CancelSilent, sandbox.CancelRefused, sandbox.CancelTakenBack, sandbox.CancelByLocation, sandbox.StaleRead, sandbox.Vanished:
		m.DeliveryOrder = do
		if kind == sandbox.StaleRead {
			m.Count = 1 // two reads one request timeout apart are believed
		}
		m.ShowCanceled = (kind == sandbox.CancelTakenBack || kind == sandbox.CancelAsync) && rapid.Bool().Draw(p.rt, "shown")
	case sandbox.Reject, sandbox.RejectPart, sandbox.Silent, sandbox.Accept, sandbox.AcceptThenError:
		m.Location = p.pick("at", sandbox.Lyon, sandbox.Lille)
	case sandbox.Redispatch:
		m.To, m.Count = p.pick("redispatched to", sandbox.Lyon, sandbox.Lille, sandbox.Paris), 1
		m.After = min(after, 110*time.Second) // later than redispatch_settle is outside the promise
	case sandbox.ResultError, sandbox.ResultErrorApplied, sandbox.DropBefore, sandbox.DropAfter, sandbox.DropLate, sandbox.Fault500, sandbox.Fault429:
		m.Operation = p.pick("operation", "deliveryOrderCreate", "deliveryOrderCancel", "deliveryOrderOpen", "deliveryOrderUpdate", "deliveryOrder", "location")
		m.Count = max(count, 1)
		m.After = min(after, 12*time.Second) // applied later than one request timeout is outside of what two reads can tell
	case sandbox.WebhookDrop, sandbox.WebhookDelay:
		m.Count = max(count, 1)
	}
	p.Platform.Mood(m)
}

// act is one thing that happens.
func (p *play) act() {
	happenings := []string{"time", "time", "time", "crash", "crash", "recover", "break again", "break lyon",
		"resume order", "person cancels", "person opens", "person moves", "warehouse starts", "wipe queue", "run archived", "mood", "moods pass"}
	switch act := p.pick("act", append(happenings, peoplesActs...)...); act {
	default:
		p.person(act)
	case "time":
		p.pass(time.Duration(rapid.IntRange(1, 900).Draw(p.rt, "seconds")) * time.Second)
	case "crash":
		p.Crash = &world.Crash{Nth: rapid.IntRange(1, 6).Draw(p.rt, "nth"), When: world.Moment(rapid.IntRange(0, 3).Draw(p.rt, "moment"))}
	case "recover":
		p.Platform.Recover(sandbox.Paris, rapid.Bool().Draw(p.rt, "announced"))
	case "break again":
		p.Platform.Break(sandbox.Paris)
	case "break lyon":
		p.Platform.Break(sandbox.Lyon)
	case "resume order":
		_ = p.Platform.ResumeOrder(fmt.Sprintf("ord_%d", rapid.IntRange(0, p.orders-1).Draw(p.rt, "resumed"))) // refused where nothing waits
	case "person cancels":
		_ = p.Platform.PersonCancel(p.anybody()) // refused where work began
	case "person opens":
		_ = p.Platform.PersonOpen(p.anybody()) // refused where it is no DRAFT
	case "person moves":
		_ = p.Platform.PersonMove(p.anybody(), p.pick("moved to", sandbox.Lyon, sandbox.Lille, sandbox.Paris)) // as well
	case "warehouse starts":
		_ = p.Platform.WarehouseStart(p.anybody()) // refused where it is over
	case "wipe queue":
		p.Queue.Wipe()
	case "run archived":
		for _, m := range p.Queue.Archived() {
			p.Queue.RunArchived(m, p.Now())
		}
	case "mood":
		p.mood()
	case "moods pass":
		p.Platform.ClearMoods()
	}
}

// anybody is an original or a replacement.
func (p *play) anybody() string {
	ids := []string{}
	for i := range p.orders {
		ids = append(ids, fmt.Sprintf("do_%d", i))
	}
	rows, err := p.Rows(p.ctx)
	if err != nil {
		p.rt.Fatal(err)
	}
	for _, r := range rows {
		if r.Replacement != "" {
			ids = append(ids, r.Replacement)
		}
	}
	return p.pick("whom", ids...)
}

// end lets the world come to rest.
func (p *play) end() {
	p.resume()
	p.pass(5 * time.Minute)
	p.rest()
	p.pass(5 * time.Minute)
	p.rest()
}
