package sandbox_test

import (
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// doubles are units that are sent twice, and what looks like it.
var doubles = []scenario{
	{"sent before the cancel", func(w *world) []sandbox.Row {
		id := prepare(w)
		send(w, id)
		w.look("d1")
		w.cancel("d1")
		return nil
	}, []string{"P1", "early"}},
	{"sent before the cancel was confirmed", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
		id := prepare(w)
		w.cancel("d1")
		send(w, id)
		w.pass(time.Hour)
		return nil
	}, []string{"P1", "early"}},
	{"sent after the cancel was confirmed late", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
		id := prepare(w)
		w.cancel("d1")
		w.pass(time.Hour)
		send(w, id)
		return nil
	}, nil},
	{"sent with the reply lost, too early", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderOpen"})
		w.ask(`mutation{deliveryOrderOpen(id:"` + id + `"){state}}`)
		return nil
	}, []string{"P1", "early"}},
	{"our DRAFT sent by somebody else", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.must(w.ResumeOrder("o1"))
		return []sandbox.Row{urgent("d1", id, "replacement_sent_early")}
	}, nil},
	{"our DRAFT sent by somebody else, and nobody told", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.must(w.ResumeOrder("o1"))
		return []sandbox.Row{needsPerson("d1", id)}
	}, []string{"P1"}},
	{"our DRAFT sent by somebody else, and cancelled by us", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.must(w.ResumeOrder("o1"))
		w.cancel(id)
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "recovered"}}
	}, nil},
	{"our DRAFT sent by somebody else, and our cancel of it is not confirmed, though it shows", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.must(w.ResumeOrder("o1"))
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: id, ShowCanceled: true})
		w.cancel(id)
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "recovered"}}
	}, []string{"P1"}},
	{"our DRAFT opened by somebody else, and requested by us", func(w *world) []sandbox.Row {
		id := prepare(w)
		if err := w.PersonOpen(id); err != nil {
			w.t.Error(err)
		}
		w.request(id)
		return nil
	}, []string{"P1", "early"}},
	{"a confirmed cancel taken back", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := handover(w)
		w.pass(time.Hour)
		return []sandbox.Row{urgent("d1", id, "released_then_rejected")}
	}, nil},
	{"a confirmed cancel taken back, and left by a person", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := handover(w)
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "left", Reason: "by_person"}}
	}, nil},
	{"a confirmed cancel taken back, and nobody told", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := handover(w)
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"P1"}},
	{"a confirmed cancel taken back, and a row about another one tells", func(w *world) []sandbox.Row {
		w.AddOrder(sandbox.Order{ID: "o2", Organization: org, Lines: []sandbox.OrderLine{{ID: "x", SKU: "MUG", Quantity: 1}}})
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := handover(w)
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}, urgent("d2", "", "over_allocated")}
	}, []string{"P1"}},
	{"a cancel taken back just before we sent, unseen", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := prepare(w)
		w.cancel("d1")
		w.pass(50 * time.Second)
		w.look("d1")
		w.pass(13 * time.Second)
		send(w, id)
		return []sandbox.Row{urgent("d1", id, "released_then_rejected")}
	}, nil},
	{"a cancel taken back just before we sent, and seen", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := prepare(w)
		w.cancel("d1")
		w.pass(63 * time.Second)
		w.look("d1")
		send(w, id)
		return []sandbox.Row{urgent("d1", id, "released_then_rejected")}
	}, []string{"P1", "early"}},
	{"a cancel that was never confirmed, and a person said to proceed", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
		id := prepare(w)
		w.cancel("d1")
		if err := w.PersonProceeds("d1"); err != nil {
			w.t.Error(err)
		}
		send(w, id)
		return nil
	}, nil},
	{"a person said to proceed, and the original was shipped before we sent", func(w *world) []sandbox.Row {
		id := proceed(w)
		w.must(w.WarehouseShip("d1"))
		w.pass(time.Minute)
		send(w, id)
		return nil
	}, []string{"P1", "early"}},
	{"a person said to proceed, and the original was shipped while we sent", func(w *world) []sandbox.Row {
		id := proceed(w)
		w.must(w.WarehouseShip("d1"))
		w.pass(sandbox.Fresh)
		send(w, id)
		return nil
	}, nil},
	{"a person said to proceed, and the location recovered while we sent", func(w *world) []sandbox.Row {
		id := proceed(w)
		w.pass(time.Minute)
		w.Recover("paris", true)
		w.pass(sandbox.Fresh)
		send(w, id)
		return nil
	}, nil},
	{"a person said to proceed, and a stale read hid that the location had recovered", func(w *world) []sandbox.Row {
		id := proceed(w)
		w.Recover("paris", true)
		w.pass(time.Minute)
		w.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, Location: "paris", Count: 1})
		w.look("d1")
		send(w, id)
		return nil
	}, nil},
	{"a person said to proceed, and the location recovered before we sent", func(w *world) []sandbox.Row {
		id := proceed(w)
		w.Recover("paris", true)
		w.pass(time.Minute)
		send(w, id)
		return nil
	}, []string{"P1", "early"}},
	{"the platform dispatched anew, and we sent all the same", func(w *world) []sandbox.Row {
		auto(w, time.Second)
		id := prepare(w)
		w.cancel("d1")
		w.pass(time.Minute)
		send(w, id)
		return nil
	}, []string{"P1"}},
	{"the platform dispatched anew after we had sent", func(w *world) []sandbox.Row {
		auto(w, time.Hour)
		handover(w)
		w.pass(2 * time.Hour)
		return nil
	}, nil},
	{"the platform dispatched anew in its time, and we had sent before that", func(w *world) []sandbox.Row {
		auto(w, time.Minute)
		handover(w)
		w.pass(2 * time.Hour)
		return nil
	}, []string{"P1"}},
	{"two of ours sent at once", func(w *world) []sandbox.Row {
		first := prepare(w)
		second := w.created(lille)
		w.cancel("d1")
		w.look("d1")
		send(w, first)
		send(w, second)
		return []sandbox.Row{urgent("d1", second, "over_allocated")}
	}, []string{"P1"}},
	{"our DRAFT was made larger and sent by somebody else, the original being gone", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.cancel("d1")
		w.must(w.PersonEdit(id, 3))
		w.must(w.ResumeOrder("o1"))
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, nil},
	{"two were sent by others, and none by us", func(w *world) []sandbox.Row {
		w.pending("d1")
		twin(w)
		w.Break("paris")
		return nil
	}, nil},
	{"somebody else sent the same after we had", func(w *world) []sandbox.Row {
		handover(w)
		w.pass(time.Hour)
		twin(w)
		return nil
	}, nil},
	{"somebody else sent the same just before we did, unseen", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.cancel("d1")
		w.look("d1")
		twin(w)
		w.pass(4 * time.Second)
		send(w, id)
		return nil
	}, nil},
	{"somebody else sent the same long before we did", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.cancel("d1")
		twin(w)
		w.pass(6 * time.Second)
		send(w, id)
		return nil
	}, []string{"P1"}},
}
