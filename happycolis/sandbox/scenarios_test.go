package sandbox_test

import (
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// Each group plants one kind of violation beside its innocent twins.

var handovers = []scenario{
	{"a handover done well", func(w *world) []sandbox.Row { handover(w); return nil }, nil},
	{"a DRAFT moved", func(w *world) []sandbox.Row {
		w.draft("d1")
		w.Break("paris")
		w.look("d1")
		w.move("d1", lyon)
		return nil
	}, nil},
	{"nothing done", func(w *world) []sandbox.Row { w.pending("d1"); w.Break("paris"); return nil }, nil},
	{"a rejected replacement, cancelled, and a second one", func(w *world) []sandbox.Row {
		w.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: "lyon"})
		first := handover(w)
		w.cancel(first)
		w.Recover("paris", true)
		w.pass(time.Minute)
		send(w, w.created(lille))
		w.pass(time.Minute)
		return nil
	}, nil},
	{"the fallback breaks too, and its replacement is handed on", func(w *world) []sandbox.Row {
		first := handover(w)
		w.Break("lyon")
		w.look(first)
		second := w.created(lille)
		w.cancel(first)
		send(w, second)
		return nil
	}, nil},
}

var strangers = []scenario{
	{"a cancel at a healthy location", func(w *world) []sandbox.Row {
		w.pending("d1")
		w.look("d1")
		w.cancel("d1")
		return nil
	}, []string{"P3", "P5"}},
	{"a DRAFT moved long after the recovery", func(w *world) []sandbox.Row {
		w.draft("d1")
		w.Break("paris")
		w.look("d1")
		w.Recover("paris", true)
		w.pass(6 * time.Second)
		w.move("d1", lyon)
		return nil
	}, []string{"P3", "P5"}},
	{"a DRAFT moved just after the recovery", func(w *world) []sandbox.Row {
		w.draft("d1")
		w.Break("paris")
		w.look("d1")
		w.pass(time.Second)
		w.Recover("paris", true)
		w.pass(3 * time.Second)
		w.move("d1", lyon)
		return nil
	}, nil},
	{"our own DRAFT cancelled long after the recovery", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.Recover("paris", true)
		w.pass(time.Hour)
		w.cancel(id)
		return nil
	}, nil},
	{"a delivery order made for an order that is not stuck", func(w *world) []sandbox.Row {
		w.Break("paris")
		w.pending("d1")
		w.look("d1")
		w.AddOrder(sandbox.Order{ID: "o2", Organization: org, Lines: []sandbox.OrderLine{{ID: "x", SKU: "MUG", Quantity: 1}}})
		r := w.ask(`mutation{deliveryOrderCreate(input:{orderId:"o2",locationId:"loc-lyon",lines:[{orderLineId:"x",quantity:1}]}){id}}`)
		send(w, r.Data["deliveryOrderCreate"].(map[string]any)["id"].(string))
		return nil
	}, []string{"P3", "P5"}},
}

var rumours = []scenario{
	{"a cancel on the event's word", func(w *world) []sandbox.Row {
		w.pending("d1")
		w.Break("paris")
		w.cancel("d1")
		return []sandbox.Row{needsPerson("d1", "")}
	}, []string{"P5"}},
	{"a cancel on an old read", func(w *world) []sandbox.Row {
		w.pending("d1")
		w.Break("paris")
		w.look("d1")
		w.pass(sandbox.Fresh + time.Millisecond)
		w.cancel("d1")
		return []sandbox.Row{needsPerson("d1", "")}
	}, []string{"P5"}},
	{"a cancel on a read that is just fresh", func(w *world) []sandbox.Row {
		w.pending("d1")
		w.Break("paris")
		w.look("d1")
		w.pass(sandbox.Fresh)
		w.cancel("d1")
		return []sandbox.Row{needsPerson("d1", "")}
	}, nil},
	{"a read of the location only", func(w *world) []sandbox.Row {
		w.draft("d1")
		w.Break("paris")
		w.ask(`{location(id:"loc-paris"){integration{state}}}`)
		w.move("d1", lyon)
		return nil
	}, []string{"P5"}},
	{"two separate reads", func(w *world) []sandbox.Row {
		w.draft("d1")
		w.Break("paris")
		w.ask(`{location(id:"loc-paris"){integration{state}}}`)
		w.ask(`{deliveryOrders(orderId:"o1"){id status}}`)
		w.move("d1", lyon)
		return nil
	}, nil},
	{"a stale read that was believed", func(w *world) []sandbox.Row {
		w.pending("d1")
		w.Break("paris")
		w.pass(time.Second)
		w.Recover("paris", true)
		w.AddFault(sandbox.Fault{Kind: sandbox.StaleRead, Location: "paris", Count: 1})
		w.look("d1")
		w.cancel("d1")
		return []sandbox.Row{needsPerson("d1", "")}
	}, nil},
	{"an early release with the reply lost, sent again after the recovery", func(w *world) []sandbox.Row {
		id := prepare(w)
		w.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrderCancel", Count: 1})
		w.ask(`mutation{deliveryOrderCancel(id:"d1"){state}}`)
		w.Recover("paris", true)
		w.pass(3 * time.Second)
		w.cancel("d1")
		w.pass(time.Hour)
		send(w, id)
		return nil
	}, nil},
}

var leftovers = []scenario{
	{"a DRAFT forgotten", func(w *world) []sandbox.Row { prepare(w); return nil }, []string{"draft"}},
	{"a DRAFT of a row that has ended", func(w *world) []sandbox.Row {
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: prepare(w), State: "left", Reason: "recovered"}}
	}, []string{"draft"}},
	{"a DRAFT that waits for a person", func(w *world) []sandbox.Row {
		return []sandbox.Row{needsPerson("d1", prepare(w))}
	}, nil},
	{"a DRAFT that waits for its turn", func(w *world) []sandbox.Row {
		return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: prepare(w), State: "holding"}}
	}, nil},
	{"somebody else's DRAFT", func(w *world) []sandbox.Row { w.draft("d1"); return nil }, nil},
}
