package handover_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestModel draws shops and orders, faults of the platform, deaths and standstills of workers, and acts of people, in any
// order and number, and has the judge read the books once all is at rest. What it finds becomes a named case beside it.
//
// It prints how often each thing was drawn and, where that is not the same, how often it came about. From enoughChecks
// checks on nothing may be missing: a hundred, as they are usual, do not meet everything.
func TestModel(t *testing.T) {
	t.Parallel()
	drawn := &tally{}
	defer drawn.print(t)
	rapid.Check(t, func(rt *rapid.T) {
		drawn.checks++
		p := &play{rt: rt, drawn: drawn, retried: map[string]bool{}}
		p.open()
		defer p.Close()
		p.seed()
		for range rapid.IntRange(0, 4).Draw(rt, "moods") {
			p.mood()
		}
		if p.pick("it begins with", "ERROR", "ERROR", "an operator") == "ERROR" {
			p.Platform.Break("loc_paris")
		} else {
			p.opens("loc_paris")
			p.person("approve")
		}
		if p.pick("acts", "begin at once", "begin with the drain") == "begin with the drain" {
			p.pass(p.Incidents.Settings.Settle + 2*time.Second)
		}
		for range rapid.IntRange(0, 12).Draw(rt, "acts") {
			p.act()
		}
		p.end()
		p.judged()
	})
}

// play is one drawn story.
type play struct {
	*fixture
	rt        *rapid.T
	drawn     *tally
	orders    int
	originals []string // the delivery orders that were there at the beginning

	keepsLog   bool // the log of events is append-only
	tokenTakes time.Duration
	named      int             // slugs that were made up
	retried    map[string]bool // records that an operator had tried again
	late       []lateRequest
}

// pick draws one of several words, and counts it. What is named twice comes twice as often.
func (p *play) pick(what string, from ...string) string {
	got := rapid.SampledFrom(from).Draw(p.rt, what)
	p.drawn.count(what, got, from...)
	return got
}

// chance draws whether something is so, once in n times, and counts it.
func (p *play) chance(what string, n int) bool {
	yes := rapid.IntRange(0, n-1).Draw(p.rt, what) == 0
	p.drawn.count(what, yesNo(yes), "yes", "no")
	return yes
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// seconds draws a time.
func (p *play) seconds(what string, from, to int) time.Duration {
	return time.Duration(rapid.IntRange(from, to).Draw(p.rt, what)) * time.Second
}

// most draws one of several numbers.
func (p *play) most(what string, of ...int) int { return rapid.SampledFrom(of).Draw(p.rt, what) }

// fallingBack is a policy under which two locations that fail for one another have a third.
const fallingBack = `version: 1
rules:
  - name: paris falls back to lyon, then lille
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse]}}
  - name: lyon falls back to paris, then lille
    when: {from: [lyon-warehouse]}
    then: {reassign: {candidates: [paris-warehouse, lille-warehouse]}}
default: needs_person
`

// open opens a drawn shop.
func (p *play) open() {
	mode := p.pick("mode", incident.AutomaticMode, incident.AutomaticMode, incident.ApproveMode)
	o := world.Options{Incident: func(i *incident.Settings) { i.Mode = mode }}
	if p.pick("fallbacks", "of paris", "for one another") == "for one another" {
		o.Policy = fallingBack
		o.Incident = func(i *incident.Settings) { i.Mode, i.MaxShare = mode, 1 }
	}
	canary := map[string]int{"5": 5, "2": 2, "1": 1}[p.pick("canary", "5", "2", "1")]
	settings := o.Incident
	o.Incident = func(i *incident.Settings) { settings(i); i.Canary = canary }
	p.fixture = openShop(p.rt, o)
	if p.pick("workers", "one", "two") == "two" {
		p.must(p.AddWorker())
	}
	if p.pick("tokens", "come at once", "take their time") == "take their time" {
		p.tokenTakes = p.seconds("token", 1, 14)
	}
	p.goOn()
	p.keepsLog = p.pick("a rejected cancellation", "leaves the log", "stays in the log") == "stays in the log"
	p.platformsWay()
}

// platformsWay sets what is no fault that passes.
func (p *play) platformsWay() {
	if p.keepsLog {
		p.Platform.AddFault(sandbox.Fault{Kind: sandbox.EventsKept})
	}
}

// seed makes orders of one to three delivery orders, which have equal lines; some units may be sent by none.
func (p *play) seed() {
	p.orders = rapid.IntRange(1, 3).Draw(p.rt, "orders")
	crowd := 0
	for i := range p.orders {
		parts := map[string]int{"1": 1, "2": 2, "3": 3}[p.pick("delivery orders of an order", "1", "1", "2", "3")]
		spare := map[string]int{"none": 0, "some": 2}[p.pick("units that nobody sends", "none", "none", "some")]
		auto, odd := p.chance("automatic", 2), p.pick("another line", "none", "none", "none", "none", "of no units", "of fewer than none")
		first := sandbox.DeliveryOrder{}
		p.order(fmt.Sprint(i), p.status(), func(o *sandbox.Order, d *sandbox.DeliveryOrder) {
			if auto {
				automatic(o, d)
			}
			o.Lines[0].Quantity, o.Lines[1].Quantity = 2*parts+spare, parts
			if odd != "none" {
				units := map[string]int{"of no units": 0, "of fewer than none": -1}[odd]
				o.Lines = append(o.Lines, sandbox.OrderLine{ID: "ol_odd_" + o.ID, SKU: "CARD", Quantity: units})
				d.Lines = append(d.Lines, sandbox.Line{ID: d.ID + "_odd", OrderLine: "ol_odd_" + o.ID, SKU: "CARD", Status: d.Lines[0].Status, Quantity: units})
			}
			p.past(d)
			first = *d
		})
		made := []sandbox.DeliveryOrder{first}
		for k := 1; k < parts; k++ {
			made = append(made, p.sibling(first, k))
		}
		for _, d := range made {
			p.originals = append(p.originals, d.ID)
			p.cancelledOnce(d.ID)
			if d.Location == "loc_paris" && d.Status != sandbox.Draft {
				crowd++
			}
		}
	}
	p.drawn.count("the canary is smaller than the crowd", yesNo(p.Journal.CanarySize() < crowd), "yes", "no")
}

func (p *play) status() string {
	return p.pick("status", sandbox.Draft, sandbox.Pending, sandbox.Pending, sandbox.Opened)
}

// past draws whether the location was asked for a delivery order.
func (p *play) past(d *sandbox.DeliveryOrder) {
	if d.Status != sandbox.Draft && p.chance("not requested", 5) {
		d.Events = nil
	}
}

// sibling adds another delivery order of the order of the first, with the same lines.
func (p *play) sibling(first sandbox.DeliveryOrder, k int) sandbox.DeliveryOrder {
	d := sandbox.DeliveryOrder{ID: fmt.Sprintf("%s_%d", first.ID, k), Orders: first.Orders, Status: p.status(),
		Location: p.pick("the others at", "loc_paris", "loc_paris", "loc_lyon", "loc_lille")}
	if d.Status != sandbox.Draft {
		d.Events = []string{sandbox.EventRequested}
	}
	for i, l := range first.Lines {
		d.Lines = append(d.Lines, sandbox.Line{ID: fmt.Sprintf("%s_%d", d.ID, i), OrderLine: l.OrderLine, SKU: l.SKU, Quantity: l.Quantity})
	}
	p.past(&d)
	p.Platform.AddDeliveryOrder(d)
	p.pass(time.Second)
	return d
}

// cancelledOnce draws whether somebody asked to cancel a delivery order before, and its location rejected that.
func (p *play) cancelledOnce(id string) {
	if !p.chance("a cancellation was rejected before", 6) {
		return
	}
	how := sandbox.Cancellation{EventAtOnce: true, Hangs: true, ShowCanceled: p.chance("it was shown", 2)}
	p.must(p.Platform.PersonAsksCancel(id, how))
	p.pass(time.Second)
	p.must(p.Platform.RejectCancel(id))
	p.pass(time.Second)
}

// end lets the world come to rest. What the last act began has its time: a settle window, and a sweep. So has what the
// platform does by itself later, like the rejection of a cancellation that somebody asked for.
func (p *play) end() {
	p.resume()
	p.pass(restAfter)
	for range 20 {
		p.comesToRest()
		p.pass(restAfter)
		if p.platformRests() {
			break
		}
	}
	p.comesToRest()
}

func (p *play) platformRests() bool {
	_, due := p.Platform.NextDue()
	acts := p.Platform.Books().Entries
	return !due && (len(acts) == 0 || p.Now().Sub(acts[len(acts)-1].At) >= restAfter)
}

// restAfter is how long nothing may have happened at the platform when the judge is asked.
const restAfter = 210 * time.Second

// comesToRest lets what is under way end. Operators see to the incidents that block.
func (p *play) comesToRest() {
	for range 4 {
		if p.free(); p.RunUntilIdle(p.ctx, 30*time.Minute) == nil {
			return
		}
	}
	p.rest()
}

// free lets the incidents that block go on, and stops those that do not.
func (p *play) free() {
	by := handover.Actor{User: "ops", Reason: "the end"}
	for _, help := range []func(context.Context, *journal.Incident, handover.Actor) error{p.Incidents.Unblock, p.Incidents.Stop} {
		blocked := false
		p.incidents(func(inc *journal.Incident) error {
			if inc.State != journal.Blocked {
				return nil
			}
			blocked = true
			return help(p.ctx, inc, by)
		})
		if !blocked {
			return
		}
		p.pass(2 * time.Minute)
	}
}
