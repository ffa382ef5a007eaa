package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// shows are the line states and, after a slash, the events of a delivery order.
func (w *world) shows(id string) string {
	w.t.Helper()
	return w.lineStates(id) + " / " + strings.Join(w.at(id).Events, " ")
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestARejectedCancelLeavesItsEventWhereTheLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	const requested, canceled = "PENDING PENDING / FULFILLMENT_REQUESTED", "PENDING PENDING / FULFILLMENT_REQUESTED CANCELED"
	for _, c := range []struct {
		name        string
		cancel      sandbox.Fault
		kept        bool
		soon, later string
	}{
		{"a confirmed one is taken back", sandbox.Fault{Kind: sandbox.CancelTakenBack, ShowCanceled: true}, false,
			"CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED", requested},
		{"a confirmed one is taken back, append-only", sandbox.Fault{Kind: sandbox.CancelTakenBack, ShowCanceled: true}, true,
			"CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED", canceled},
		{"the event came when it was asked", sandbox.Fault{Kind: sandbox.CancelTakenBack, EventAtOnce: true}, false, canceled, requested},
		{"the event came when it was asked, append-only", sandbox.Fault{Kind: sandbox.CancelTakenBack, EventAtOnce: true}, true, canceled, canceled},
		{"no event when it was asked, append-only", sandbox.Fault{Kind: sandbox.CancelTakenBack}, true, requested, requested},
		{"the lines alone were shown", sandbox.Fault{Kind: sandbox.CancelAsync, ShowCanceled: true, Rejected: true}, true,
			"CANCELED CANCELED / FULFILLMENT_REQUESTED", requested},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			if c.kept {
				w.AddFault(sandbox.Fault{Kind: sandbox.EventsKept})
			}
			c.cancel.After = time.Minute
			w.AddFault(c.cancel)
			w.cancel("d1")
			if got := w.shows("d1"); got != c.soon {
				t.Errorf("at once: %s, want %s", got, c.soon)
			}
			w.pass(time.Hour)
			if got := w.shows("d1"); got != c.later || w.at("d1").Status != sandbox.Pending {
				t.Errorf("rejected: %s, %s; want %s, PENDING", got, w.at("d1").Status, c.later)
			}
		})
	}
}

func TestEachConfirmedCancelAppendsOneEvent(t *testing.T) {
	t.Parallel()
	for _, atOnce := range []bool{false, true} {
		w := newWorld(t)
		w.pending("d1")
		w.AddFault(sandbox.Fault{Kind: sandbox.EventsKept})
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, ShowCanceled: true, Count: 1})
		w.cancel("d1")
		w.pass(time.Minute)
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, ShowCanceled: true, EventAtOnce: atOnce, After: time.Hour})
		if got := w.cancel("d1"); got != "success" {
			t.Errorf("the second cancel = %s", got)
		}
		if got := w.cancel("d1"); got != "success" {
			t.Errorf("asking again while it is pending = %s", got)
		}
		w.pass(2 * time.Hour)
		if got, want := w.shows("d1"), "CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED CANCELED"; got != want {
			t.Errorf("event at once %v: %s, want %s", atOnce, got, want)
		}
	}
}

func TestAPersonsCancelTakesItsCourse(t *testing.T) {
	t.Parallel()
	const dead, event = "CANCELED CANCELED", " CANCELED"
	for _, c := range []struct {
		name        string
		how         sandbox.Cancellation
		soon, later [2]string // lines, and what is added to the events; "" are the lines as they were
	}{
		{"confirmed later", sandbox.Cancellation{After: time.Minute}, [2]string{}, [2]string{dead, event}},
		{"shown at once, confirmed later", sandbox.Cancellation{ShowCanceled: true, After: time.Minute}, [2]string{dead}, [2]string{dead, event}},
		{"its event at once, confirmed later", sandbox.Cancellation{EventAtOnce: true, After: time.Minute}, [2]string{"", event}, [2]string{dead, event}},
		{"rejected later", sandbox.Cancellation{After: time.Minute, Rejected: true}, [2]string{}, [2]string{}},
		{"shown at once, rejected later", sandbox.Cancellation{ShowCanceled: true, After: time.Minute, Rejected: true}, [2]string{dead}, [2]string{}},
		{"never ended", sandbox.Cancellation{Hangs: true}, [2]string{}, [2]string{}},
		{"shown at once, never ended", sandbox.Cancellation{ShowCanceled: true, Hangs: true}, [2]string{dead}, [2]string{dead}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			draft := w.created(lyon)
			for id, was := range map[string]string{"d1": "PENDING PENDING", draft: "NEW NEW"} {
				events := " / " + strings.Join(w.at(id).Events, " ")
				want := func(x [2]string) string {
					lines := was
					if x[0] != "" {
						lines = x[0]
					}
					return strings.ReplaceAll(lines+events+x[1], "  ", " ")
				}
				w.must(w.PersonAsksCancel(id, c.how))
				if got := w.shows(id); got != want(c.soon) {
					t.Errorf("%s at once: %s, want %s", id, got, want(c.soon))
				}
				w.pass(time.Hour)
				if got := w.shows(id); got != want(c.later) {
					t.Errorf("%s later: %s, want %s", id, got, want(c.later))
				}
			}
		})
	}
}

func TestACancelIsEndedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	if w.ConfirmCancel("d1") == nil || w.RejectCancel("d1") == nil || w.RejectCancel("nope") == nil {
		t.Error("a cancel that nobody asked for was ended")
	}
	w.must(w.PersonAsksCancel("d1", sandbox.Cancellation{ShowCanceled: true, After: time.Hour}))
	if w.PersonAsksCancel("d1", sandbox.Cancellation{}) == nil {
		t.Error("a second cancel was accepted beside the first")
	}
	w.must(w.RejectCancel("d1"))
	if got := w.shows("d1"); got != "PENDING PENDING / FULFILLMENT_REQUESTED" {
		t.Errorf("rejected by hand: %s", got)
	}
	w.must(w.PersonAsksCancel("d1", sandbox.Cancellation{Hangs: true}))
	w.pass(2 * time.Hour) // when the first would have been confirmed
	if got := w.lineStates("d1"); got != "PENDING PENDING" {
		t.Errorf("the first cancel ended the second: %s", got)
	}
	w.must(w.ConfirmCancel("d1"))
	if got := w.shows("d1"); got != "CANCELED CANCELED / FULFILLMENT_REQUESTED CANCELED" {
		t.Errorf("confirmed by hand: %s", got)
	}
	w.must(w.RejectCancel("d1"))
	if got := w.shows("d1"); got != "PENDING PENDING / FULFILLMENT_REQUESTED" || w.at("d1").Status != sandbox.Pending {
		t.Errorf("a confirmed one, rejected: %s, %s", got, w.at("d1").Status)
	}
}

func TestARejectedCancelTakesBackNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.must(w.PersonAsksCancel("d1", sandbox.Cancellation{EventAtOnce: true, Hangs: true}))
	w.must(w.WarehouseAccept("d1"))
	w.must(w.RejectCancel("d1"))
	if got, want := w.shows("d1"), "ACCEPTED ACCEPTED / FULFILLMENT_REQUESTED FULFILLMENT_ACCEPTED"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestACancelledOrderCompletesWithItsLastConfirmation(t *testing.T) {
	t.Parallel()
	state := func(w *world) string { return w.Books().Orders[0].State }
	w := newWorld(t)
	w.pending("d1")
	w.pending("d2")
	w.draft("d3")
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "d2", After: time.Minute, ShowCanceled: true})
	w.must(w.PersonCancelOrder("o1"))
	if got := w.lineStates("d1") + ", " + w.lineStates("d3") + ", " + state(w); got != "CANCELED CANCELED, CANCELED CANCELED, OPENED" {
		t.Errorf("before the last confirmation: %s", got)
	}
	w.pass(time.Minute)
	if got := state(w); got != sandbox.Completed {
		t.Errorf("after it the order is %s, want COMPLETED", got)
	}
	if w.PersonCancelOrder("o1") == nil {
		t.Error("a completed order was cancelled")
	}

	w = newWorld(t)
	w.pending("d1")
	w.pending("d2")
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "d1", After: time.Minute})
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "d2", After: 2 * time.Minute})
	w.must(w.PersonCancelOrder("o1"))
	w.pass(time.Hour)
	if got := state(w) + " " + w.lineStates("d1"); got != "OPENED PENDING PENDING" {
		t.Errorf("an order of which a cancellation was rejected is %s", got)
	}
}
