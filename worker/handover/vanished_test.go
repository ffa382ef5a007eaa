package handover_test

import (
	"cmp"
	"net/http"
	"slices"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// vanishes has the platform know nothing of what a fault selects any more, from the first request after the one that
// asks the field on.
func (s *fixture) vanishes(after string, what sandbox.Fault) {
	asked := false
	s.Slow = func(r *http.Request) time.Duration {
		if asked {
			s.Slow = nil
			what.Kind = sandbox.Vanished
			s.Platform.AddFault(what)
		}
		asked = asked || world.CallsField(r, after)
		return 0
	}
}

// vanishings are the stages of a handover at which its original may vanish.
var vanishings = []vanishing{
	{name: "before anything was done", want: "left: gone"},
	{name: "a DRAFT, before anything was done", status: sandbox.Draft, want: "left: gone"},
	{name: "a DRAFT, after it was moved", status: sandbox.Draft, after: "deliveryOrderUpdate", want: "left: gone"},
	{name: "before the create", after: "deliveryOrder", want: "needs_person: unknown_state", draft: true, again: "needs_person: cancel_refused"},
	{name: "after a create whose reply was lost", mood: lost(sandbox.DropAfter, "deliveryOrderCreate"), after: "deliveryOrderCreate",
		want: "needs_person: unproven_draft", draft: true},
	{name: "after a create that was lost", mood: lost(sandbox.DropBefore, "deliveryOrderCreate"), after: "deliveryOrderCreate", want: "left: gone"},
	{name: "before a create whose reply was lost is applied", mood: sandbox.Fault{Kind: sandbox.DropLate, Operation: "deliveryOrderCreate", After: 20 * time.Second, Count: 1},
		after: "deliveryOrderCreate", want: "needs_person: unproven_draft", draft: true},
	{name: "after a create that was refused", mood: lost(sandbox.ResultError, "deliveryOrderCreate"), after: "deliveryOrderCreate", want: "left: gone"},
	{name: "between prepare and release", mood: sandbox.Fault{Kind: sandbox.Fault429, Operation: "deliveryOrderCancel", After: 10 * time.Second, Count: 1},
		after: "deliveryOrderCancel", want: "needs_person: unproven_draft", draft: true},
	{name: "after a cancel whose reply was lost", mood: lost(sandbox.DropAfter, "deliveryOrderCancel"), after: "deliveryOrderCancel",
		want: "needs_person: unknown_state", draft: true},
	{name: "after a cancel that was lost", mood: lost(sandbox.DropBefore, "deliveryOrderCancel"), after: "deliveryOrderCancel",
		want: "needs_person: unknown_state", draft: true},
	{name: "after a cancel that was refused", mood: sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"}, after: "deliveryOrderCancel",
		want: "needs_person: unknown_state", draft: true, again: "needs_person: cancel_refused"},
	{name: "while the cancel is waited for", mood: sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: time.Minute}, after: "deliveryOrderCancel",
		want: "needs_person: unknown_state", draft: true},
	{name: "while the platform may dispatch it again", auto: true, after: "deliveryOrderCancel", want: "needs_person: unknown_state", draft: true},
	{name: "after an open whose reply was lost", mood: lost(sandbox.DropAfter, "deliveryOrderOpen"), after: "deliveryOrderOpen", want: "reassigned"},
	{name: "after an open that was lost", mood: lost(sandbox.DropBefore, "deliveryOrderOpen"), after: "deliveryOrderOpen",
		want: "needs_person: unknown_state", draft: true},
	{name: "while the fallback is waited for", after: "deliveryOrderOpen", want: "reassigned"},
	{name: "before the last sum of an order that the platform dispatches", auto: true, after: "deliveryOrderOpen", want: "needs_person: unknown_state"},
	{name: "before a fallback that rejects", mood: sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon}, after: "deliveryOrderOpen",
		want: "needs_person: unknown_state"},
}

type vanishing struct {
	name   string
	status string // PENDING unless said
	auto   bool
	mood   sandbox.Fault
	after  string // the field of the last request before it vanishes; "": before any
	want   string
	draft  bool   // a DRAFT of ours is left, and listed
	again  string // what a retry ends as once it is found again; "": reassigned
}

func lost(kind, operation string) sandbox.Fault {
	return sandbox.Fault{Kind: kind, Operation: operation, Count: 1}
}

// tell has Paris fail and do_1 vanish.
func (v vanishing) tell(t *testing.T) *fixture {
	t.Helper()
	s := newShop(t, world.Options{})
	dispatch := manual
	if v.auto {
		dispatch = automatic
	}
	s.order("1", cmp.Or(v.status, sandbox.Pending), dispatch)
	if v.mood.Kind != "" {
		s.Platform.AddFault(v.mood)
	}
	if v.after == "" {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "do_1"})
	} else {
		s.vanishes(v.after, sandbox.Fault{DeliveryOrder: "do_1"})
	}
	s.breaks()
	return s
}

// TestTheOriginalVanished has the original not found any more, at each stage of its handover. That proves nothing:
// neither that it is cancelled, nor that a DRAFT of ours is not all that is left of the order. What it ends as is
// stable, a retry finds the same, and an operator can leave it.
func TestTheOriginalVanished(t *testing.T) {
	t.Parallel()
	for _, v := range vanishings {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := v.tell(t)
			s.ends("1", v.want)
			s.holds()
			if d, _ := s.Platform.Books().DeliveryOrder(s.row("1").CurrentReplacement()); (d.Status == sandbox.Draft) != v.draft {
				t.Errorf("the row lists %q in %q, and has to list a DRAFT: %t\n%s", d.ID, d.Status, v.draft, s.story())
			}
			before := s.row("1")
			s.pass(time.Hour)
			if after := s.row("1"); after.Version != before.Version {
				t.Errorf("it does not rest\n%s", s.story())
			}
			if before.State != journal.NeedsPerson {
				return
			}
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", v.want)
			s.holds()
			s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			s.rest()
			if s.row("1").Reason == journal.CancelledAfterLeave { // as an event told
				s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			}
			s.ends("1", "left: by_person")
		})
	}
}

// TestTheOriginalVanishedAndTheLocationRecovers has the recovery meet what the vanishing left.
func TestTheOriginalVanishedAndTheLocationRecovers(t *testing.T) {
	t.Parallel()
	for _, v := range vanishings {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := v.tell(t)
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(10 * time.Minute)
			s.ends("1", v.want)
			s.holds()
			s.closed()
		})
	}
}

// TestTheOriginalIsFoundAgain has what vanished come back before an operator retries it.
func TestTheOriginalIsFoundAgain(t *testing.T) {
	t.Parallel()
	for _, v := range vanishings {
		if !v.draft {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := v.tell(t)
			s.Platform.ClearFaults()
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", cmp.Or(v.again, "reassigned"))
			s.holds()
		})
	}
}

// TestTheWholeOrderVanished leaves nowhere to look for what a create made whose reply was lost.
func TestTheWholeOrderVanished(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(lost(sandbox.DropAfter, "deliveryOrderCreate"))
	s.vanishes("deliveryOrderCreate", sandbox.Fault{Order: "ord_1"})
	s.breaks()
	s.ends("1", "needs_person: unproven_draft")
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.ends("1", "left: by_person")
}

// TestTheReplacementOfAReleasedOriginalIsInDoubtAndTheOriginalVanished has somebody cancel the first DRAFT after the
// release, and an operator ask for another one. Of that no reply tells, and it is all that is left of the order.
func TestTheReplacementOfAReleasedOriginalIsInDoubtAndTheOriginalVanished(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{sandbox.DropAfter: "needs_person: unproven_draft", sandbox.DropBefore: "needs_person: unknown_state"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
			s.Platform.Break(sandbox.Paris)
			s.pass(130 * time.Second)
			s.must(s.Platform.PersonCancel(s.row("1").Replacement.ID))
			s.rest()
			s.ends("1", "needs_person: replacement_cancelled")
			s.Platform.AddFault(lost(kind, "deliveryOrderCreate"))
			s.vanishes("deliveryOrderCreate", sandbox.Fault{DeliveryOrder: "do_1"})
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", want)
			s.holds()
			s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "left: by_person")
		})
	}
}

// TestWhoLeavesACreateInDoubtWhoseOriginalVanished asks for the undo of what may have been made.
func TestWhoLeavesACreateInDoubtWhoseOriginalVanished(t *testing.T) {
	t.Parallel()
	for loss, want := range map[string]string{sandbox.DropAfter: "needs_person: unproven_draft", sandbox.DropBefore: "left: by_person"} {
		t.Run(loss, func(t *testing.T) {
			t.Parallel()
			s := createInDoubt(t, loss)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "do_1"})
			s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", want)
			s.holds()
			if s.row("1").State == journal.NeedsPerson {
				s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
			}
			s.ends("1", "left: by_person")
		})
	}
}

// TestADraftThatSomebodySentByHandIsNotWithdrawn does what unproven_draft asks for: the DRAFT is sent, then the row left.
func TestADraftThatSomebodySentByHandIsNotWithdrawn(t *testing.T) {
	t.Parallel()
	at := slices.IndexFunc(vanishings, func(v vanishing) bool { return v.name == "between prepare and release" })
	s := vanishings[at].tell(t)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	draft := s.row("1").Replacement.ID
	s.must(s.Platform.PersonOpen(draft))
	s.must(s.Platform.PersonRequest(draft))
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
	if d, _ := s.Platform.Books().DeliveryOrder(draft); d.Status != sandbox.Pending {
		t.Errorf("what was sent by hand is %s, want PENDING", d.Status)
	}
}
