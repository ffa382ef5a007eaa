package sandbox_test

import (
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// tooEarly holds replacements that were sent on a cancel that was none yet, and doubles that do not show in the sums.
var tooEarly = []scenario{
	{"prepared, and sent once the cancel was confirmed", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute, ShowCanceled: true})
		id := prepare(w)
		w.cancel("d1")
		w.pass(time.Minute)
		send(w, id)
		return nil
	}, nil},
	{"sent while the lines showed a cancel that was confirmed later", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute, ShowCanceled: true})
		id := prepare(w)
		w.cancel("d1")
		send(w, id)
		w.pass(time.Hour)
		return nil
	}, []string{"early"}},
	{"sent while the lines showed a cancel that was rejected later", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute, ShowCanceled: true, Rejected: true})
		id := prepare(w)
		w.cancel("d1")
		send(w, id)
		w.pass(time.Hour)
		return []sandbox.Row{urgent("d1", id, "released_then_rejected")}
	}, []string{"early"}},
	{"sent while the lines showed a cancel that was rejected later, and nobody told", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute, ShowCanceled: true, Rejected: true})
		id := prepare(w)
		w.cancel("d1")
		send(w, id)
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"P1", "early"}},
	{"sent before the cancel was confirmed, and applied after it", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: time.Minute})
		id := prepare(w)
		w.cancel("d1")
		w.AddFault(sandbox.Fault{Kind: sandbox.DropLate, Operation: "deliveryOrderOpen", After: 2 * time.Minute})
		w.ask(`mutation{deliveryOrderOpen(id:"` + id + `"){state}}`)
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"early"}},
	{"a replacement whose cancel a person asked for, and another one sent before it was confirmed", func(w *world) []sandbox.Row {
		first := handover(w)
		w.must(w.PersonAsksCancel(first, sandbox.Cancellation{ShowCanceled: true, Hangs: true}))
		second := w.created(lille)
		send(w, second)
		w.must(w.ConfirmCancel(first))
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: second, State: "reassigned"}}
	}, []string{"early"}},
	{"the same, and its cancel was rejected", func(w *world) []sandbox.Row {
		first := handover(w)
		w.must(w.PersonAsksCancel(first, sandbox.Cancellation{ShowCanceled: true, Hangs: true}))
		second := w.created(lille)
		send(w, second)
		w.must(w.RejectCancel(first))
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: second, State: "reassigned"}}
	}, []string{"P1", "early"}},
	{"units were never dispatched, and the original is live beside its replacement", func(w *world) []sandbox.Row {
		backorder(w)
		id := prepare(w)
		send(w, id)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"P1", "early"}},
	{"the same without a row", func(w *world) []sandbox.Row {
		backorder(w)
		send(w, prepare(w))
		return nil
	}, []string{"P1", "early"}},
	{"units were never dispatched, and the original came back", func(w *world) []sandbox.Row {
		backorder(w)
		w.AddFault(sandbox.Fault{Kind: sandbox.CancelTakenBack, After: time.Minute, ShowCanceled: true})
		id := handover(w)
		w.pass(time.Hour)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"P1"}},
	{"units were never dispatched, and the original is gone", func(w *world) []sandbox.Row {
		backorder(w)
		id := handover(w)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, nil},
	{"units were never dispatched, and the platform dispatched those of the original anew before we sent", func(w *world) []sandbox.Row {
		backorder(w)
		auto(w, time.Second)
		w.AddOrder(sandbox.Order{ID: "o1", Organization: org, Dispatching: sandbox.Automatic, Lines: more})
		id := prepare(w)
		w.cancel("d1")
		w.pass(time.Minute)
		send(w, id)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
	}, []string{"P1"}},
	{"siblings with equal lines, each replaced", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		first := handover(w)
		w.look("d2")
		second := w.created(lyon)
		w.cancel("d2")
		send(w, second)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: first, State: "reassigned"}, {DeliveryOrderID: "d2", ReplacementID: second, State: "reassigned"}}
	}, nil},
	{"siblings with equal lines, one of them replaced twice, the other one never", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: "lyon"})
		w.cancel(handover(w))
		w.look("d2")
		second := w.created(lille)
		send(w, second)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: second, State: "reassigned"}, needsPerson("d2", "")}
	}, nil},
	{"siblings with equal lines, one replaced, and no row says which", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d1")
		w.pending("d2")
		w.Break("paris")
		w.look("d1")
		w.look("d2")
		id := w.created(lyon)
		w.cancel("d1")
		send(w, id)
		return nil
	}, nil},
	{"siblings with equal lines, and the replacement of one sent on the release of the other", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		id := prepare(w)
		w.look("d2")
		w.cancel("d2")
		send(w, id)
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}, needsPerson("d2", "")}
	}, []string{"P1", "early"}},
	{"siblings with equal lines, one replaced and rejected, and the other one's row names the DRAFT of which it does not know", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.look("d2")
		id := handover(w)
		return []sandbox.Row{needsPerson("d1", ""), urgent("d2", id, "over_allocated")}
	}, nil},
	{"siblings with equal lines, one cancelled by a person, its replacement rejected and replaced", func(w *world) []sandbox.Row {
		backorder(w)
		w.pending("d2")
		w.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: "lyon"})
		first := prepare(w)
		w.must(w.PersonCancel("d1"))
		send(w, first)
		w.pass(time.Minute)
		w.look("d2")
		send(w, w.created(lille))
		return []sandbox.Row{needsPerson("d1", "")}
	}, nil},
	{"a second replacement, the first being withdrawn as a DRAFT, sent beside the original", func(w *world) []sandbox.Row {
		backorder(w)
		w.cancel(prepare(w))
		send(w, w.created(lille))
		return nil
	}, []string{"P1", "early"}},
	{"a replacement sent beside its original, after the release of a sibling with another line", func(w *world) []sandbox.Row {
		backorder(w)
		w.AddSilently(sandbox.DeliveryOrder{ID: "d2", Location: paris, Orders: []string{"o1"}, Status: sandbox.Pending,
			Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{OrderLine: "ol2", Quantity: 1}}})
		id := prepare(w)
		w.look("d2")
		w.cancel("d2")
		send(w, id)
		return []sandbox.Row{needsPerson("d2", "")}
	}, []string{"P1", "early"}},
}
