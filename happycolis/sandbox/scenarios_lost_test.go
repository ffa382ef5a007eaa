package sandbox_test

import (
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// losses are units that are live nowhere, and what is no loss.
var losses = []scenario{
	{"released and nothing sent", func(w *world) []sandbox.Row {
		w.cancel(prepare(w))
		w.cancel("d1")
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "reassigned"}}
	}, []string{"P2"}},
	{"released, and a person is asked", func(w *world) []sandbox.Row {
		w.cancel(prepare(w))
		w.cancel("d1")
		return []sandbox.Row{needsPerson("d1", "")}
	}, nil},
	{"released, and left by a person", func(w *world) []sandbox.Row {
		w.cancel(prepare(w))
		w.cancel("d1")
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "by_person"}}
	}, nil},
	{"released, and called left", func(w *world) []sandbox.Row {
		w.cancel(prepare(w))
		w.cancel("d1")
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "recovered"}}
	}, []string{"P2"}},
	{"left where it was", func(w *world) []sandbox.Row {
		w.cancel(prepare(w))
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "recovered"}}
	}, nil},
	{"cancelled by somebody else", func(w *world) []sandbox.Row {
		id := prepare(w)
		if err := w.PersonCancel("d1"); err != nil {
			w.t.Error(err)
		}
		w.cancel(id)
		return nil
	}, nil},
	{"our replacement cancelled by somebody else", func(w *world) []sandbox.Row {
		if err := w.PersonCancel(handover(w)); err != nil {
			w.t.Error(err)
		}
		return nil
	}, nil},
	{"rejected by the fallback, and nobody told", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: "lyon"})
		id := handover(w)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"P2"}},
	{"rejected in part, and a person is asked", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.RejectPart, Location: "lyon"})
		return []sandbox.Row{needsPerson("d1", handover(w))}
	}, nil},
	{"too few units in the replacement", func(w *world) []sandbox.Row {
		w.pending("d1")
		w.Break("paris")
		w.look("d1")
		r := w.ask(`mutation{deliveryOrderCreate(input:{orderId:"o1",locationId:"loc-lyon",lines:[{orderLineId:"ol1",quantity:2}]}){id}}`)
		w.cancel("d1")
		send(w, r.Data["deliveryOrderCreate"].(map[string]any)["id"].(string))
		return nil
	}, []string{"P2"}},
	{"one of two siblings is lost, and the other one's row asks a person", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.cancel(prepare(w))
		w.cancel("d1")
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "reassigned"}, needsPerson("d2", "")}
	}, []string{"P2"}},
	{"both siblings are gone, one is replaced and before a person, and nobody is told of the other", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		id := handover(w)
		w.look("d2")
		w.cancel("d2")
		return []sandbox.Row{needsPerson("d1", id), {DeliveryOrderID: "d2", State: "reassigned"}}
	}, []string{"P2"}},
	{"both siblings are gone and before a person", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.cancel(prepare(w))
		w.cancel("d1")
		w.look("d2")
		w.cancel("d2")
		return []sandbox.Row{needsPerson("d1", ""), needsPerson("d2", "")}
	}, nil},
	{"one sibling was cancelled by a person and is before one, and nobody is told of the other", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.cancel(prepare(w))
		w.cancel("d1")
		w.must(w.PersonCancel("d2"))
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "reassigned"}, needsPerson("d2", "")}
	}, []string{"P2"}},
	{"one sibling was cancelled by a person, and our cancel of the other one was rejected", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, DeliveryOrder: "d1", After: time.Minute, ShowCanceled: true})
		w.cancel(prepare(w))
		w.must(w.PersonCancel("d2"))
		w.cancel("d1")
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "recovered"}, {DeliveryOrderID: "d2", State: "left", Reason: "gone"}}
	}, nil},
	{"our cancel was rejected, and a person cancelled it then", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, Count: 1})
		w.cancel(prepare(w))
		w.cancel("d1")
		w.pass(time.Hour)
		w.must(w.PersonAsksCancel("d1", sandbox.Cancellation{After: time.Minute}))
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "gone"}}
	}, nil},
	{"our cancel was confirmed later, and the row says that it was somebody else's", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
		w.cancel(prepare(w))
		w.cancel("d1")
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", State: "left", Reason: "gone"}}
	}, []string{"P2"}},
	{"a replacement's replacement is lost, and the row of the replacement asks", func(w *world) []sandbox.Row {
		first := handover(w)
		w.Break("lyon")
		w.look(first)
		w.cancel(w.created(lille))
		w.cancel(first)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: first, State: "reassigned"}, needsPerson(first, "")}
	}, nil},
	{"dispatched anew by the platform, ours cancelled", func(w *world) []sandbox.Row {
		auto(w, time.Second)
		id := prepare(w)
		w.cancel("d1")
		w.pass(time.Minute)
		w.cancel(id)
		return nil
	}, nil},
}
