package incident_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/world"
)

// pastWorld is a drawn history: incidents of any state and age with rows of any state, promises and delivery orders.
type pastWorld struct {
	*story
	rt        *rapid.T
	before    time.Time // what was over then is to be forgotten
	incidents []*journal.Incident
	rows      map[string][]*journal.Reassignment // by incident
	claimed   map[string]bool                    // rows with a promise
	entries   []index.Entry
}

// TestRetentionForgetsWhatIsOverAndNothingElse draws histories and asks of each record whether it may go.
func TestRetentionForgetsWhatIsOverAndNothingElse(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		s.Redis.FlushAll()
		kept := time.Duration(rapid.IntRange(1, 1000).Draw(rt, "kept")) * time.Hour
		s.Incidents.Settings.Retention = incident.Retention{Incidents: kept, Audit: kept}
		p := &pastWorld{story: s, rt: rt, before: s.Now().Add(-kept), rows: map[string][]*journal.Reassignment{}, claimed: map[string]bool{}}
		for i := range rapid.IntRange(1, 4).Draw(rt, "incidents") {
			p.incident(i)
		}
		p.must(s.Incidents.Retain(t.Context(), world.Org))
		for _, inc := range p.incidents {
			p.judge(inc)
		}
		p.judgeEntries()
	})
}

func (p *pastWorld) must(err error) {
	p.rt.Helper()
	if err != nil {
		p.rt.Fatal(err)
	}
}

func (p *pastWorld) age(what string) time.Time {
	return p.Now().Add(-time.Duration(rapid.IntRange(1, 2000).Draw(p.rt, what)) * time.Hour)
}

func (p *pastWorld) incident(n int) {
	ctx, opened := p.t.Context(), p.age("opened")
	id := fmt.Sprintf("inc-%s-%06d", opened.Format("20060102T150405"), n)
	inc, err := p.Journal.Open(ctx, &journal.Incident{ID: id, Organization: world.Org, LocationID: fmt.Sprint("loc_", n), State: journal.Draining, OpenedAt: opened})
	p.must(err)
	for i := range rapid.IntRange(0, 3).Draw(p.rt, "rows") {
		p.row(inc, fmt.Sprintf("do_%d_%d", n, i))
	}
	inc.State = rapid.SampledFrom([]journal.IncidentState{journal.Settling, journal.AwaitingApproval, journal.Blocked, journal.Draining,
		journal.Watching, journal.Closed, journal.Closed, journal.Closed, journal.Dismissed, journal.Stopped}).Draw(p.rt, "state")
	if !inc.State.IsOpen() {
		inc.ClosedAt = opened.Add(p.Now().Sub(opened) * time.Duration(rapid.IntRange(0, 10).Draw(p.rt, "lasted")) / 10)
	}
	p.must(p.Journal.SaveIncident(ctx, inc, opened))
	p.incidents = append(p.incidents, inc)
}

// row is of a delivery order of its own, or of a replacement that an earlier incident made.
func (p *pastWorld) row(inc *journal.Incident, id string) {
	ctx := p.t.Context()
	if made := p.replacements(); len(made) > 0 && rapid.Bool().Draw(p.rt, "moved before") {
		id = rapid.SampledFrom(made).Draw(p.rt, "replacement")
	}
	r := &journal.Reassignment{Identity: journal.Identity{Organization: world.Org, Incident: inc.ID, DeliveryOrder: id, FromID: inc.LocationID, Orders: []string{"ord of " + id}, OpenedAt: inc.OpenedAt}}
	if _, fresh, err := p.Journal.Enroll(ctx, r); err != nil || !fresh {
		p.must(err)
		return // its lineage is under way with another
	}
	r.State = rapid.SampledFrom(append(journal.States(), journal.Reassigned, journal.Reassigned, journal.Left)).Draw(p.rt, "row")
	if rapid.Bool().Draw(p.rt, "replaced") {
		r.Replacement.ID, r.Decision.ToID, r.Decision.To = "new of "+id, "loc_lyon", "lyon"
	}
	if r.State.IsAtRest() {
		r.Reason = map[journal.State]journal.Reason{journal.NeedsPerson: journal.CancelRefused, journal.Left: journal.Recovered}[r.State]
		_, err := p.Journal.Finish(ctx, r, inc.OpenedAt)
		p.must(err)
	} else {
		p.must(p.Journal.Save(ctx, r, inc.OpenedAt))
	}
	if rapid.Bool().Draw(p.rt, "promised") {
		took, err := p.Ledger.Reserve(ctx, world.Org, ledger.Reservation{Owner: r.Identity.ID, Location: "loc_lyon", Units: map[string]int{"MUG": 1}}, p.Now())
		p.must(err)
		p.claimed[r.Identity.ID] = took
	}
	e := index.Entry{ID: id, Location: inc.LocationID, Orders: r.Identity.Orders, Date: p.age("heard"),
		Status: rapid.SampledFrom([]string{"PENDING", "DRAFT", "OPENED", "COMPLETED", "COMPLETED"}).Draw(p.rt, "status")}
	_, err := p.Index.Put(ctx, world.Org, e, "")
	p.must(err)
	p.entries = append(p.entries, e)
	p.rows[inc.ID] = append(p.rows[inc.ID], r)
}

func (p *pastWorld) replacements() (made []string) {
	for _, inc := range p.incidents {
		for _, r := range p.rows[inc.ID] {
			if r.State.IsOver() && r.Replacement.ID != "" {
				made = append(made, r.Replacement.ID)
			}
		}
	}
	return made
}

// old reports whether an incident was over before, and what of it is.
func (p *pastWorld) old(inc *journal.Incident) bool {
	return !inc.State.IsOpen() && inc.ClosedAt.Before(p.before)
}

// busy reports whether a lineage has a record that is not over.
func (p *pastWorld) busy(root string) bool {
	for _, rows := range p.rows {
		if slices.ContainsFunc(rows, func(r *journal.Reassignment) bool { return r.Identity.Root == root && !r.State.IsOver() }) {
			return true
		}
	}
	return false
}

func (p *pastWorld) judge(inc *journal.Incident) {
	ctx, rows := p.t.Context(), p.rows[inc.ID]
	stands := func(r *journal.Reassignment) bool { return !r.State.IsOver() || p.busy(r.Identity.Root) }
	whole := !p.old(inc) || slices.ContainsFunc(rows, func(r *journal.Reassignment) bool { return !r.State.IsOver() })
	gone := !whole && !slices.ContainsFunc(rows, stands)
	_, err := p.Journal.Incident(ctx, world.Org, inc.ID)
	if errors.Is(err, journal.ErrNotFound) != gone {
		p.rt.Errorf("%s is %s, closed %s, and old is what was over before %s: forgotten %t, want %t", inc.ID, inc.State, inc.ClosedAt, p.before, !gone, gone)
	}
	if left := p.about(inc.ID); gone && len(left) > 0 && !p.promised(rows) {
		p.rt.Errorf("%s is forgotten, and left are %q", inc.ID, left)
	}
	for _, r := range rows {
		_, err := p.Journal.Get(ctx, world.Org, r.Identity.ID)
		forgotten := errors.Is(err, journal.ErrNotFound)
		if forgotten && (whole || stands(r)) || !forgotten && gone {
			p.rt.Errorf("%s, %s, of %s, which is %s: forgotten %t", r.Identity.DeliveryOrder, r.State, inc.ID, inc.State, forgotten)
		}
		if forgotten {
			continue
		}
		if watched := p.Redis.HGet("reassigner:{"+world.Org+"}:watch", r.Identity.DeliveryOrder); watched == "" {
			p.rt.Errorf("%s is not watched any more", r.Identity.DeliveryOrder)
		}
		if p.claimed[r.Identity.ID] && !strings.Contains(p.content("reassigner:{"+world.Org+"}:reservations"), r.Identity.ID) {
			p.rt.Errorf("what was promised to %s is gone", r.Identity.ID)
		}
	}
}

// promised reports whether one of the rows has a promise: that ends by its own time.
func (p *pastWorld) promised(rows []*journal.Reassignment) bool {
	return slices.ContainsFunc(rows, func(r *journal.Reassignment) bool { return p.claimed[r.Identity.ID] })
}

// judgeEntries asks which delivery orders are known: what was heard of one last counts.
func (p *pastWorld) judgeEntries() {
	for i, e := range p.entries {
		if p.toldAgain(i) {
			continue
		}
		_, known, err := p.Index.Get(p.t.Context(), world.Org, e.ID)
		p.must(err)
		flies := slices.Contains([]string{"PENDING", "DRAFT", "OPENED"}, e.Status)
		if want := flies || !e.Date.Before(p.before); known != want {
			p.rt.Errorf("%s, %s, heard of at %s: known %t, want %t", e.ID, e.Status, e.Date, known, want)
		}
	}
}

// toldAgain reports whether another entry tells of the same delivery order, as late or later.
func (p *pastWorld) toldAgain(i int) bool {
	for j, other := range p.entries {
		if j != i && other.ID == p.entries[i].ID && !other.Date.Before(p.entries[i].Date) {
			return true
		}
	}
	return false
}

// TestRedisIsAsSmallAsBeforeOnceAllIsForgotten counts keys: what an incident leaves for good would fill Redis in years.
func TestRedisIsAsSmallAsBeforeOnceAllIsForgotten(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, forgetful)
	s.Platform.Break(sandbox.Paris) // the first makes what an organization has once
	s.pass(10 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(10 * time.Minute)
	s.forgets()
	before := s.Redis.Keys()
	for i := range 20 {
		order, id := fmt.Sprint("ord_", i), fmt.Sprint("do_", i)
		s.Platform.AddOrder(sandbox.Order{ID: order, Organization: world.Org, Lines: []sandbox.OrderLine{{ID: order + "_l", SKU: "MUG", Quantity: 1}}})
		s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: id, Location: s.m.Locations[sandbox.Paris], Orders: []string{order},
			Status: sandbox.Pending, Events: []string{sandbox.EventRequested},
			Lines: []sandbox.Line{{ID: id + "_l", OrderLine: order + "_l", SKU: "MUG", Status: sandbox.LinePending, Quantity: 1}}})
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Hour)
	if moved := s.counts()[journal.Reassigned]; moved != 20 {
		t.Fatalf("%d of 20 were moved: the story is too thin", moved)
	}
	for _, d := range s.Platform.Books().DeliveryOrders {
		_ = s.Platform.WarehouseShip(d.ID) // what is cancelled is not shipped
	}
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(10 * time.Minute)
	s.forgets()
	for _, k := range s.Redis.Keys() {
		if !slices.Contains(before, k) {
			t.Errorf("%s is left", k)
		}
	}
	if got := len(s.Redis.Keys()); got > len(before) {
		t.Errorf("%d keys, before the incident %d", got, len(before))
	}
}

// forgets lets everything pass that keeps what is over: the retention, promises, and the keys that end by themselves.
func (s *story) forgets() {
	s.t.Helper()
	s.later(31 * 24 * time.Hour)
	s.promisesEnd()
	s.Redis.FastForward(selfEnding)
}

// selfEnding is longer than any key lives that ends by itself: of messages seen, what was cancelled, shipments.
const selfEnding = 8 * 24 * time.Hour
