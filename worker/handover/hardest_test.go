package handover_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

var ops = handover.Actor{User: "ops", Reason: "phoned the warehouse"}

// unconfirmed is a shop in which the cancel of do_1 is never confirmed.
func unconfirmed(t *testing.T) *fixture {
	t.Helper()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_1"})
	s.breaks()
	s.ends("1", "needs_person: cancel_unconfirmed")
	d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID)
	if d.Status != sandbox.Draft {
		t.Fatalf("the replacement is %s, want a DRAFT", d.Status)
	}
	return s
}

func TestProceedSendsTheReplacement(t *testing.T) {
	t.Parallel()
	s := unconfirmed(t)
	s.must(s.Handover.Proceed(s.ctx, s.row("1"), ops))
	s.Platform.PersonProceeds("do_1")
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

func TestProceedIsRefusedWhenTheWorldMovedOn(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*fixture) error{
		"work began":            func(s *fixture) error { return s.Platform.WarehouseStart("do_1") },
		"it was shipped":        func(s *fixture) error { return s.Platform.WarehouseShip("do_1") },
		"the location recovers": func(s *fixture) error { s.Platform.Recover(sandbox.Paris, false); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := unconfirmed(t)
			s.must(change(s))
			if err := s.Handover.Proceed(s.ctx, s.row("1"), ops); !errors.Is(err, handover.ErrMovedOn) {
				t.Errorf("proceed: %v, want %v", err, handover.ErrMovedOn)
			}
			s.pass(time.Minute)
			d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID)
			if d.Status != sandbox.Draft {
				t.Errorf("the replacement is %s, want a DRAFT", d.Status)
			}
			s.holds()
		})
	}
}

func TestRetryAsksForAnUnconfirmedCancelOnceMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fixture) error
		want   int
	}{
		"it stands as it did":   {func(*fixture) error { return nil }, 2},
		"the location recovers": {func(s *fixture) error { s.Platform.Recover(sandbox.Paris, false); return nil }, 1},
		"work began":            {func(s *fixture) error { return s.Platform.WarehouseStart("do_1") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := unconfirmed(t)
			s.must(c.change(s))
			s.pass(10 * time.Second)
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.pass(time.Minute)
			cancels := 0
			for _, e := range s.Platform.Books().Entries {
				if e.Operation == "deliveryOrderCancel" && e.DeliveryOrder == "do_1" {
					cancels++
				}
			}
			if cancels != c.want {
				t.Errorf("do_1 was cancelled %d times, want %d\n%s", cancels, c.want, s.story())
			}
			s.ends("1", "confirming_release")
			s.holds()
		})
	}
}

func TestProceedAppliesToAnUnconfirmedCancelOnly(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Opened)
	s.breaks()
	if err := s.Handover.Proceed(s.ctx, s.row("1"), ops); !errors.Is(err, handover.ErrNotApplicable) {
		t.Errorf("proceed with opened_not_enabled: %v, want %v", err, handover.ErrNotApplicable)
	}
}

func TestLeaveWithdrawsTheDraft(t *testing.T) {
	t.Parallel()
	s := unconfirmed(t)
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "left: by_person")
	s.holds()
}

func TestALeftOriginalThatIsCancelledAfterAllReopens(t *testing.T) {
	t.Parallel()
	s := unconfirmed(t)
	s.must(s.Handover.Leave(s.ctx, s.row("1"), ops))
	s.rest()
	s.Platform.ClearFaults()
	s.must(s.Platform.PersonCancel("do_1"))
	s.pass(time.Minute)
	s.ends("1", "needs_person: cancelled_after_leave")
	s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

// TestARefusedCancelThatComesAboutIsNotLeftWithTheRecovery has the platform refuse the cancel and do it all the
// same, a while later: nothing of the order is live any more when its location recovers.
func TestARefusedCancelThatComesAboutIsNotLeftWithTheRecovery(t *testing.T) {
	t.Parallel()
	for name, recovers := range map[string]time.Duration{"before": 10 * time.Second, "after": 2 * time.Minute} {
		t.Run("it comes about, and the location recovers "+name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderCancel"})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: time.Minute})
			s.Platform.Break(sandbox.Paris)
			s.pass(2*time.Minute + recovers)
			s.ends("1", "needs_person: cancel_refused")
			s.Platform.Recover(sandbox.Paris, true)
			s.pass(5 * time.Minute)
			s.ends("1", "needs_person: cancelled_after_leave")
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.holds()
		})
	}
}

func TestACancellationAfterARejectedOneIsARelease(t *testing.T) {
	t.Parallel()
	for _, dispatch := range []string{"manual", "automatic"} {
		t.Run(dispatch, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, func(o *sandbox.Order, d *sandbox.DeliveryOrder) {
				if dispatch == "automatic" {
					automatic(o, d)
				}
			})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "do_1", After: time.Minute, Count: 1})
			s.breaks()
			s.ends("1", "needs_person: cancel_refused")
			s.pass(time.Second)
			s.must(s.Platform.PersonCancel("do_1"))
			s.pass(time.Second)
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

func TestALateConfirmationGoesOnByItself(t *testing.T) {
	t.Parallel()
	s := unconfirmed(t)
	s.Platform.ClearFaults()
	s.must(s.Platform.PersonCancel("do_1"))
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

func TestALateAcceptanceEndsTheSilence(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	s.breaks()
	s.ends("1", "needs_person: fallback_silent")
	s.must(s.Platform.WarehouseAccept(s.row("1").Replacement.ID))
	s.pass(time.Minute)
	s.ends("1", "reassigned")
	s.holds()
}

func TestRetryInTheQueuesWebUIIsARetry(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
	s.breaks()
	s.ends("1", "needs_person: cancel_refused")
	parked := s.Queue.Archived()
	if len(parked) != 1 {
		t.Fatalf("%d archived tasks, want 1", len(parked))
	}
	s.Platform.ClearFaults()
	s.Queue.RunArchived(parked[0], s.Now())
	s.rest()
	s.ends("1", "reassigned")
	if h := s.row("1").History; !containsBy(h, "asynq web UI") {
		t.Errorf("the history does not say who ran it: %+v", h)
	}
	s.Queue.RunArchived(parked[0], s.Now())
	s.pass(time.Minute)
	s.holds()
}

func containsBy(h []journal.Entry, who string) bool {
	for _, e := range h {
		if e.By == who {
			return true
		}
	}
	return false
}

func TestAChainOfFailures(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: `version: 1
rules:
  - name: everything falls back to lyon, then lille
    when: {}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse]}}
default: needs_person
`, Incident: anyShare})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	first := s.row("1").Replacement.ID
	if first == "" {
		t.Fatal("nothing was sent to lyon yet")
	}
	s.Platform.Break(sandbox.Lyon)
	s.pass(30 * time.Minute)
	s.ends("1", "reassigned")
	rows, err := s.Rows(s.ctx)
	s.must(err)
	var second *journal.Reassignment
	for _, r := range rows {
		if r.Identity.DeliveryOrder == first {
			second = r
		}
	}
	if second == nil || second.State != journal.Reassigned || second.Decision.To != sandbox.Lille || second.Identity.Root != "do_1" {
		t.Errorf("the replacement's own row is %+v, want reassigned to lille in the lineage of do_1", second)
	}
	s.holds()
}

// TestAReplacementThatSomebodyElseOnlyOpenedIsRequested has an operator open our DRAFT while the platform is given its
// time to dispatch the order again, or after the check did not let it be sent: a location that nobody asks fulfils
// nothing.
func TestAReplacementThatSomebodyElseOnlyOpenedIsRequested(t *testing.T) {
	t.Parallel()
	for name, refusals := range map[string]int{"at once": 0, "after a refusal, by a retry": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, automatic)
			s.Platform.Break(sandbox.Paris)
			s.pass(150 * time.Second)
			s.must(s.Platform.PersonOpen(s.row("1").Replacement.ID))
			if refusals > 0 {
				s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderRequestFulfillment", Count: refusals})
				s.rest()
				s.ends("1", "needs_person: send_refused")
				s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			}
			s.rest()
			s.ends("1", "reassigned")
			d, _ := s.Platform.Books().DeliveryOrder(s.row("1").Replacement.ID)
			if !slices.Contains(d.Events, sandbox.EventRequested) {
				t.Errorf("it was never requested: %s\n%s", d.Events, s.story())
			}
			s.holds()
		})
	}
}
