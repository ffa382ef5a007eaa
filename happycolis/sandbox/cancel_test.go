package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

func TestCancelIsDoneAtOnceByDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.Break("paris")
	w.heard()
	if got := w.cancel("d1"); got != "success" {
		t.Fatalf("cancel = %s", got)
	}
	d := w.at("d1")
	if d.Status != sandbox.Completed || w.lineStates("d1") != "CANCELED CANCELED" || !slices.Contains(d.Events, sandbox.EventCanceled) {
		t.Errorf("after the cancel: %+v", d)
	}
	if diff := cmp.Diff([]string{"delivery_order/cancelled"}, w.heard()); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	if got := w.cancel("d1"); got != "error" {
		t.Errorf("cancelling twice = %s, want error", got)
	}
}

func TestMoodsOfACancel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		mood        sandbox.Fault
		answer      string
		soon, later string
		hears       []string
	}{
		{"asynchronous, though the integration is down", sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute}, "success",
			"PENDING PENDING", "CANCELED CANCELED", []string{"delivery_order/cancelled"}},
		{"asynchronous, its lines ahead of the event", sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute, ShowCanceled: true}, "success",
			"CANCELED CANCELED", "CANCELED CANCELED", []string{"delivery_order/cancelled"}},
		{"by the location, which cannot speak", sandbox.Fault{Kind: sandbox.CancelByLocation, After: time.Second}, "success",
			"PENDING PENDING", "PENDING PENDING", []string{}},
		{"never confirmed", sandbox.Fault{Kind: sandbox.CancelSilent}, "success", "PENDING PENDING", "PENDING PENDING", []string{}},
		{"refused", sandbox.Fault{Kind: sandbox.CancelRefused}, "error", "PENDING PENDING", "PENDING PENDING", []string{}},
		{"taken back", sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute}, "success",
			"PENDING PENDING", "PENDING PENDING", []string{"delivery_order/cancellation_rejected"}},
		{"taken back after it was shown", sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true}, "success",
			"CANCELED CANCELED", "PENDING PENDING", []string{"delivery_order/cancelled", "delivery_order/cancellation_rejected"}},
		{"said to be refused, yet done", sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderCancel"}, "error",
			"CANCELED CANCELED", "CANCELED CANCELED", []string{"delivery_order/cancelled"}},
		{"an error and nothing done", sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderCancel"}, "error",
			"PENDING PENDING", "PENDING PENDING", []string{}},
		{"a mood of another location", sandbox.Fault{Kind: sandbox.CancelRefused, Location: "lyon"}, "success",
			"CANCELED CANCELED", "CANCELED CANCELED", []string{"delivery_order/cancelled"}},
		{"a mood of another delivery order", sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "d2"}, "success",
			"CANCELED CANCELED", "CANCELED CANCELED", []string{"delivery_order/cancelled"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pending("d1")
			w.Break("paris")
			w.heard()
			w.AddFault(c.mood)
			if got := w.cancel("d1"); got != c.answer {
				t.Errorf("cancel = %s, want %s", got, c.answer)
			}
			if got := w.lineStates("d1"); got != c.soon {
				t.Errorf("lines at once = %s, want %s", got, c.soon)
			}
			w.pass(time.Hour)
			if got := w.lineStates("d1"); got != c.later {
				t.Errorf("lines later = %s, want %s", got, c.later)
			}
			if diff := cmp.Diff(c.hears, w.heard()); diff != "" {
				t.Errorf("webhooks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACancelThatTheLocationConfirmsComesWithTheRecovery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.Break("paris")
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelByLocation, After: time.Second})
	w.cancel("d1")
	w.pass(time.Hour)
	w.Recover("paris", false)
	w.pass(time.Second)
	if got := w.lineStates("d1"); got != "CANCELED CANCELED" {
		t.Errorf("lines after the recovery = %s, want CANCELED", got)
	}
}

func TestAnAsynchronousCancelLosesAgainstPicking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
	w.cancel("d1")
	if err := w.WarehouseStart("d1"); err != nil {
		t.Fatal(err)
	}
	w.heard()
	w.pass(time.Minute)
	if diff := cmp.Diff([]string{"delivery_order/cancellation_rejected"}, w.heard()); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	if got := w.lineStates("d1"); got != "IN_PROGRESS IN_PROGRESS" {
		t.Errorf("lines = %s, want IN_PROGRESS", got)
	}
}

func TestACancelCanKeepTheStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelKeepsStatus})
	w.cancel("d1")
	if d := w.at("d1"); d.Status != sandbox.Pending || w.lineStates("d1") != "CANCELED CANCELED" {
		t.Errorf("after the cancel: %+v, want PENDING with cancelled lines", d)
	}
}

func TestWhatThePlatformDoesAfterACancel(t *testing.T) {
	t.Parallel()
	automatic := func(w *world) {
		w.AddOrder(sandbox.Order{ID: "auto", Organization: org, Dispatching: sandbox.Automatic, Lines: []sandbox.OrderLine{{ID: "al", SKU: "MUG", Quantity: 2}}})
		w.AddSilently(sandbox.DeliveryOrder{ID: "a1", Location: paris, Orders: []string{"auto"}, Status: sandbox.Pending,
			Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{SKU: "MUG", Quantity: 2}}})
	}
	t.Run("an automatic order is dispatched anew", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		automatic(w)
		w.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, After: time.Minute, To: "lille"})
		w.cancel("a1")
		w.pass(time.Minute)
		all := w.Books().DeliveryOrders
		last := all[len(all)-1]
		if last.ID == "a1" || last.Location != lille || last.Status != sandbox.Pending || last.Lines[0].Quantity != 2 {
			t.Errorf("after the settle time: %+v, want the same units at lille, PENDING", last)
		}
	})
	t.Run("a manual order is not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.pending("d1")
		w.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, After: time.Minute, To: "lille"})
		w.cancel("d1")
		w.pass(time.Hour)
		if n := len(w.Books().DeliveryOrders); n != 1 {
			t.Errorf("%d delivery orders, want 1", n)
		}
	})
	t.Run("the order completes with its last sent delivery order, drafts not counting", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.pending("d1")
		w.created(lyon)
		w.AddFault(sandbox.Fault{Kind: sandbox.CompleteOrder})
		w.cancel("d1")
		if got := w.Books().Orders[0].State; got != sandbox.Completed {
			t.Errorf("order is %s, want COMPLETED", got)
		}
	})
}

func TestMoodsOfACreate(t *testing.T) {
	t.Parallel()
	t.Run("over-allocation is allowed by default and refused by mood", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.pending("d1")
		w.created(lyon)
		w.AddFault(sandbox.Fault{Kind: sandbox.RefuseOverAllocation})
		if got := w.create(lyon).code(); got != "BAD_REQUEST" {
			t.Errorf("create = %s, want BAD_REQUEST", got)
		}
	})
	t.Run("an automatic order can refuse", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.AddOrder(sandbox.Order{ID: "auto", Organization: org, Dispatching: sandbox.Automatic, Lines: []sandbox.OrderLine{{ID: "al", SKU: "MUG", Quantity: 2}}})
		w.AddFault(sandbox.Fault{Kind: sandbox.RefuseAutomatic})
		r := w.ask(`mutation{deliveryOrderCreate(input:{orderId:"auto",locationId:"loc-lyon",lines:[{orderLineId:"al",quantity:2}]}){id}}`)
		if r.code() != "BAD_REQUEST" {
			t.Errorf("create = %s, want BAD_REQUEST", r.raw)
		}
		w.created(lyon)
	})
	t.Run("a new delivery order can be sent already", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.AddFault(sandbox.Fault{Kind: sandbox.CreateSends})
		w.create(lyon)
		if d := w.Books().DeliveryOrders[0]; d.Status != sandbox.Pending || len(d.Events) != 1 || d.Events[0] != sandbox.EventRequested {
			t.Errorf("it is %s with %v, want PENDING and requested", d.Status, d.Events)
		}
	})
	t.Run("an error can hide a delivery order that was made", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.AddFault(sandbox.Fault{Kind: sandbox.ResultErrorApplied, Operation: "deliveryOrderCreate", Count: 1})
		if r := w.create(lyon); r.Data["deliveryOrderCreate"] != nil || len(r.Errors) != 1 {
			t.Errorf("create = %s, want null and an error", r.raw)
		}
		if n := len(w.Books().DeliveryOrders); n != 1 {
			t.Errorf("%d delivery orders, want 1", n)
		}
	})
}
