package handover_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func TestADeliveryOrderThatVanishedIsGone(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	_, err := s.Index.Put(s.ctx, world.Org, index.Entry{ID: "do_1", Location: "loc_paris", Status: "PENDING", Date: s.Now()}, "")
	s.must(err)
	s.breaks()
	s.ends("1", "left: gone")
}

func TestAnEditedReplacementIsAPersons(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
	s.Platform.Break(sandbox.Paris)
	s.pass(130 * time.Second)
	s.must(s.Platform.PersonEdit(s.row("1").Replacement.ID, 1))
	s.rest()
	s.ends("1", "needs_person: draft_conflict")
	s.holds()
}

// TestLinesThatChangeBesideTheDRAFT has somebody change an order once its replacement waits as a DRAFT: what was
// prepared would send too little, or units that nobody wants any more. Seen before the release, nothing is
// cancelled but our own DRAFT, and a retry prepares what is wanted now. Where the edit comes after the read on
// whose strength the original is released, the DRAFT is not sent.
func TestLinesThatChangeBesideTheDRAFT(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what     string
		quantity int // of 2
		seen     bool
		want     string
	}{
		{"less, seen in time", 1, true, "needs_person: draft_conflict"},
		{"more, seen in time", 3, true, "needs_person: draft_conflict"},
		{"less, seen too late", 1, false, "needs_person: over_allocated"},
		{"more, seen too late", 3, false, "needs_person: draft_conflict"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Rate: happycolis.Rate{PerMinute: 30, PerSecond: 1}}) // a request in two seconds
			s.order("1", sandbox.Pending)
			s.Platform.Break(sandbox.Paris)
			s.pass(2 * time.Minute)
			for rows, _ := s.Rows(s.ctx); len(rows) == 0 || rows[0].Replacement.ID == ""; rows, _ = s.Rows(s.ctx) {
				s.pass(500 * time.Millisecond)
			}
			draft := s.row("1").Replacement.ID
			if s.row("1").ReleaseBegan() {
				t.Fatalf("nothing can be edited before the release\n%s", s.story())
			}
			s.must(s.Platform.PersonEditOrder("do_1", tt.quantity))
			if tt.seen {
				s.pause(t, true)
				s.pass(2 * decision.Fresh)
				s.pause(t, false)
			}
			s.rest()
			s.ends("1", tt.want)
			s.holds()
			lines := map[string]string{draft: sandbox.LineNew, "do_1": sandbox.LineCanceled}
			if tt.seen {
				lines = map[string]string{draft: sandbox.LineCanceled, "do_1": sandbox.LinePending}
			}
			for id, want := range lines {
				if d, _ := s.Platform.Books().DeliveryOrder(id); len(d.Lines) == 0 || d.Lines[0].Status != want {
					t.Errorf("%s is %+v, want %s\n%s", id, d.Lines, want, s.story())
				}
			}
			if !tt.seen {
				return
			}
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
			if d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID); len(d.Lines) == 0 || d.Lines[0].Quantity != tt.quantity {
				t.Errorf("the replacement is %+v, want %d units\n%s", d.Lines, tt.quantity, s.story())
			}
		})
	}
}

// TestARecordThatCannotBeReadHoldsUpNobodyElse has that of one delivery order spoiled while another one of the same
// order is released: what it may have prepared counts, and each comes to an end.
func TestARecordThatCannotBeReadHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, body, mood string
		first, second    string
	}{
		{"spoiled, its original released", "{", sandbox.CancelAsync, "reassigned", "needs_person: journal_corrupt"},
		{"spoiled, its original and its DRAFT standing", "{", sandbox.CancelSilent, "needs_person: over_allocated", "needs_person: journal_corrupt"},
		{"of a newer release", `{"shape":99,"identity":{"delivery_order":"do_2"}}`, sandbox.CancelAsync, "reassigned", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines = d.Lines[:1] })
			s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_2", Location: "loc_paris", Orders: []string{"ord_1"}, Status: sandbox.Pending,
				Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{ID: "dl_2_1", OrderLine: "ol_1_2", SKU: "TRAY", Status: sandbox.LinePending, Quantity: 1}}})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
			s.Platform.AddFault(sandbox.Fault{Kind: tt.mood, DeliveryOrder: "do_2", After: time.Minute})
			s.Platform.Break(sandbox.Paris)
			s.pass(150 * time.Second)
			s.overwrite("2", tt.body)
			s.pass(10 * time.Minute)
			s.ends("1", tt.first)
			if tt.second != "" {
				s.ends("2", tt.second)
			}
		})
	}
}

// TestAnIncidentThatCannotBeReadEndsItsOrders has its record spoiled while it lets nothing move and a DRAFT waits: what is
// not released is taken back and put before an operator, once.
func TestAnIncidentThatCannotBeReadEndsItsOrders(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.Crash = &world.Crash{Mutation: "deliveryOrderCreate", Nth: 1, When: world.AfterCall}
	s.pass(125 * time.Second)
	s.Redis.HSet(s.spoilIncident(s.row("1").Identity.Incident), "state", string(journal.Blocked))
	s.rest()
	s.ends("1", "needs_person: journal_corrupt")
	s.holds()
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.ends("1", "left: by_person")
}

func TestAnIncidentOfTheFallbackThatCannotBeReadTakesNothingOver(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Incident: anyShare})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	s.Platform.Break(sandbox.Paris)
	s.pass(150 * time.Second)
	s.Platform.Break(sandbox.Lyon)
	s.pass(time.Second)
	inc, err := s.Incident(s.ctx)
	s.must(err)
	s.spoilIncident(inc.ID)
	s.rest()
	s.ends("1", "needs_person: fallback_silent")
	s.holds()
}

// spoilIncident makes the record of an incident one that cannot be read, and returns its key.
func (s *fixture) spoilIncident(id string) string {
	s.t.Helper()
	at := slices.IndexFunc(s.Redis.Keys(), func(key string) bool { return strings.HasSuffix(key, "}:inc:"+id) })
	if at < 0 {
		s.t.Fatalf("no record of %s", id)
	}
	key := s.Redis.Keys()[at]
	s.Redis.HSet(key, "body", "{")
	return key
}

// overwrite puts something else where the record of a delivery order is.
func (s *fixture) overwrite(id, body string) {
	s.t.Helper()
	at := slices.IndexFunc(s.Redis.Keys(), func(key string) bool { return strings.Contains(key, "}:re:") && strings.HasSuffix(key, "/do_"+id) })
	if at < 0 {
		s.t.Fatalf("no record of do_%s", id)
	}
	s.Redis.HSet(s.Redis.Keys()[at], "body", body)
}

func TestClocksTwoMinutesApart(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-2 * time.Minute, 2 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Skew: skew})
			s.order("1", sandbox.Pending)
			s.order("2", sandbox.Draft)
			s.order("3", sandbox.Pending, automatic)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 90 * time.Second})
			s.breaks()
			for _, id := range []string{"1", "2", "3"} {
				s.ends(id, "reassigned")
			}
			s.holds()
		})
	}
}

// TestABackupIsPutBackMidDrain restores, at every half minute of a drain, what Redis held at every earlier
// one, up to an hour old. Each row ends in a typed reason, and the judge finds nothing.
func TestABackupIsPutBackMidDrain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ backup, restore time.Duration }{
		{0, 150 * time.Second}, {0, time.Hour}, {125 * time.Second, 150 * time.Second}, {125 * time.Second, 5 * time.Minute},
		{121 * time.Second, 122 * time.Second}, {121 * time.Second, 200 * time.Second}, {200 * time.Second, 300 * time.Second}, {150 * time.Second, time.Hour},
	} {
		t.Run(fmt.Sprintf("of %s at %s", c.backup, c.restore), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.order("2", sandbox.Draft)
			s.order("3", sandbox.Pending, automatic)
			s.order("4", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 45 * time.Second})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_4"})
			s.Platform.Break(sandbox.Paris)
			s.pass(c.backup)
			backup, err := s.Backup(s.ctx)
			s.must(err)
			s.pass(c.restore - c.backup)
			s.must(s.Restore(s.ctx, backup))
			s.rest()
			s.pass(3 * time.Minute)
			s.rest()
			s.holds()
		})
	}
}

// TestADraftWhoseRecordIsLostIsNamed has Redis forget that it was made, as a failover does, before the original is
// released. Nothing is made or sent beside it, and who looks is told which one it is.
func TestADraftWhoseRecordIsLostIsNamed(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(119 * time.Second)
	backup, err := s.Backup(s.ctx)
	s.must(err)
	s.Crash = &world.Crash{Mutation: "deliveryOrderCancel", Nth: 1, When: world.BeforeCall}
	s.pass(5 * time.Second)
	draft := s.row("1").Replacement.ID
	s.must(s.Restore(s.ctx, backup))
	s.pass(time.Minute)
	s.rest()
	s.ends("1", "needs_person: over_allocated")
	if got := s.row("1").CurrentReplacement(); draft == "" || got != draft {
		t.Errorf("the row names %q, want %q\n%s", got, draft, s.story())
	}
	s.holds()
	s.must(s.Platform.PersonCancel(draft))
	s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "reassigned")
	if r := s.row("1"); r.Replacement.UnprovenDraftID != "" {
		t.Errorf("the row still names %s", r.Replacement.UnprovenDraftID)
	}
	s.holds()
}

// TestRedisIsWipedMidDrain loses everything while a DRAFT of ours waits. Nothing moves before the orders
// were imported and an operator approved; the DRAFT is listed, and not touched.
func TestRedisIsWipedMidDrain(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 20 * time.Second})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_2"})
	s.Platform.Break(sandbox.Paris)
	s.pass(125 * time.Second)
	draft := s.row("1").Replacement.ID
	s.Redis.FlushAll()
	s.Queue.Wipe()
	before := len(s.Platform.Books().Entries)
	s.pass(30 * time.Minute)
	for _, e := range s.Platform.Books().Entries[before:] {
		if e.Actor == "api:"+world.Org {
			t.Fatalf("after the wipe we did %s on %s", e.Operation, e.DeliveryOrder)
		}
	}
	s.must(s.Import(s.ctx, "ord_1", "ord_2"))
	s.pass(5 * time.Minute)
	inc, err := s.Incident(s.ctx)
	s.must(err)
	if inc.State != journal.AwaitingApproval {
		t.Fatalf("the incident is %s, want awaiting_approval: %+v", inc.State, inc.Gates)
	}
	s.Platform.ClearFaults()
	s.must(s.Approve(s.ctx, 0, ops))
	s.pass(5 * time.Minute)
	s.rest()
	s.ends("1", "needs_person: unproven_draft")
	s.ends("2", "reassigned")
	if d, _ := s.Platform.Books().DeliveryOrder(draft); d.Status != sandbox.Draft {
		t.Errorf("the unproven DRAFT is %s, want it untouched", d.Status)
	}
}

// TestASiblingWhoseRecordCannotBeReadHoldsNobodyUp breaks the record of one of two delivery orders of an order, before or
// after its DRAFT was made. The other one is handed over, or an operator's where nobody can tell what the DRAFT covers.
func TestASiblingWhoseRecordCannotBeReadHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late []string // what is read late
		want string
	}{"before": {[]string{"do_1", "do_2"}, "reassigned"}, "after": {[]string{"do_1"}, "needs_person: over_allocated"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("2", sandbox.Pending, func(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Lines[0].Quantity = 4; o.Lines[1].Quantity = 2 })
			s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_1", Location: "loc_paris", Orders: []string{"ord_2"}, Status: sandbox.Pending,
				Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{
					{ID: "dl_1_1", OrderLine: "ol_2_1", SKU: "MUG", Status: sandbox.LinePending, Quantity: 2},
					{ID: "dl_1_2", OrderLine: "ol_2_2", SKU: "TRAY", Status: sandbox.LinePending, Quantity: 1}}})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_2"})
			for _, id := range c.late {
				s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "deliveryOrder", DeliveryOrder: id, Count: 3})
			}
			s.Platform.Break(sandbox.Paris)
			s.pass(124 * time.Second)
			s.Redis.HSet("reassigner:{"+world.Org+"}:re:"+s.row("2").Identity.ID, "body", "{")
			s.must(s.RunUntilIdle(s.ctx, time.Hour))
			s.ends("1", c.want)
			s.ends("2", "needs_person: journal_corrupt")
		})
	}
}
