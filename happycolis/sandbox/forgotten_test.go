package sandbox_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// stuck announces a delivery order at Paris, which then fails.
func stuck(w *world) {
	w.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "d1", Location: paris, Orders: []string{"o1"}, Status: sandbox.Pending,
		Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{OrderLine: "ol1", Quantity: 2}, {OrderLine: "ol2", Quantity: 1}}})
	w.Break("paris")
	w.pass(time.Minute)
}

// onceCancelled has a cancel shown at once, and rejected later: a stale read shows no live line.
func onceCancelled(w *world) {
	stuck(w)
	w.must(w.PersonAsksCancel("d1", sandbox.Cancellation{ShowCanceled: true, Hangs: true}))
	w.pass(time.Minute)
	w.must(w.RejectCancel("d1"))
	w.pass(time.Minute)
}

func TestWhoIsForgotten(t *testing.T) {
	t.Parallel()
	row := func(state, reason string) []sandbox.Row {
		return []sandbox.Row{{IncidentID: "i1", DeliveryOrderID: "d1", State: state, Reason: reason}}
	}
	stuckWith := func(rows []sandbox.Row) func(*world) []sandbox.Row {
		return func(w *world) []sandbox.Row { stuck(w); return rows }
	}
	for _, c := range []struct {
		name      string
		play      func(*world) []sandbox.Row
		incident  sandbox.Incident // draining, at Paris, unless said
		forgotten string
	}{
		{"in no row", stuckWith(nil), sandbox.Incident{}, "d1"},
		{"in no row, and the incident only watches", stuckWith(nil), sandbox.Incident{State: "watching"}, "d1"},
		{"in no row, and the incident waits", stuckWith(nil), sandbox.Incident{State: "awaiting_approval"}, ""},
		{"in no row, and the incident is of another location", stuckWith(nil), sandbox.Incident{LocationID: lyon}, ""},
		{"in no row, and shown as not approved", stuckWith(nil), sandbox.Incident{Unapproved: []string{"d1"}}, ""},
		{"in an open row", stuckWith(row("holding", "")), sandbox.Incident{}, ""},
		{"before a person", stuckWith(row("needs_person", "opened_not_enabled")), sandbox.Incident{}, ""},
		{"left by the policy", stuckWith(row("left", "policy_leave")), sandbox.Incident{}, ""},
		{"left by the configuration", stuckWith(row("left", "config_leave")), sandbox.Incident{}, ""},
		{"left by a person", stuckWith(row("left", "by_person")), sandbox.Incident{}, ""},
		{"left by a stop", stuckWith(row("left", "stopped")), sandbox.Incident{}, ""},
		{"left by a person in an incident before", stuckWith(row("left", "by_person")), sandbox.Incident{IncidentID: "i2"}, "d1"},
		{"left as recovered", stuckWith(row("left", "recovered")), sandbox.Incident{}, "d1"},
		{"left as gone", stuckWith(row("left", "gone")), sandbox.Incident{}, "d1"},
		{"said to be reassigned", stuckWith(row("reassigned", "")), sandbox.Incident{}, "d1"},
		{"left as recovered, and the location is", func(w *world) []sandbox.Row {
			stuck(w)
			w.Recover("paris", true)
			return row("left", "recovered")
		}, sandbox.Incident{}, ""},
		{"never told of", func(w *world) []sandbox.Row { w.pending("d1"); w.Break("paris"); return nil }, sandbox.Incident{}, ""},
		{"told of to nobody who listened", func(w *world) []sandbox.Row {
			w.status = http.StatusServiceUnavailable
			stuck(w)
			return nil
		}, sandbox.Incident{}, ""},
		{"never told of, but read", func(w *world) []sandbox.Row { w.pending("d1"); w.Break("paris"); w.look("d1"); return nil }, sandbox.Incident{}, "d1"},
		{"vanished", func(w *world) []sandbox.Row {
			stuck(w)
			w.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "d1"})
			w.look("d1")
			return row("left", "gone")
		}, sandbox.Incident{}, ""},
		{"said to be not there", func(w *world) []sandbox.Row {
			stuck(w)
			w.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrder", Code: "NOT_FOUND", Count: 1})
			w.look("d1")
			return row("left", "gone")
		}, sandbox.Incident{}, ""},
		{"said by a gateway to be not there", func(w *world) []sandbox.Row {
			stuck(w)
			w.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrder", Code: "NOT_FOUND", Whole: true, Applied: true, Count: 1})
			w.look("d1")
			return row("left", "gone")
		}, sandbox.Incident{}, ""},
		{"vanished, and told of again", func(w *world) []sandbox.Row {
			stuck(w)
			w.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "d1"})
			w.look("d1")
			w.pass(time.Minute)
			w.ClearFaults()
			w.Announce("delivery_order/updated", "d1")
			w.pass(time.Minute)
			return row("left", "gone")
		}, sandbox.Incident{}, "d1"},
		{"shown cancelled by one read, which is stale", func(w *world) []sandbox.Row {
			onceCancelled(w)
			w.lookStale("d1")
			return row("left", "gone")
		}, sandbox.Incident{}, "d1"},
		{"shown cancelled by two reads, which are stale", func(w *world) []sandbox.Row {
			onceCancelled(w)
			w.lookStale("d1")
			w.lookStale("d1")
			return row("left", "gone")
		}, sandbox.Incident{}, ""},
		{"under a recorded proceed", func(w *world) []sandbox.Row {
			stuck(w)
			w.must(w.PersonProceeds("d1"))
			return row("reassigned", "")
		}, sandbox.Incident{}, ""},
		{"cancelled, and its status was kept", func(w *world) []sandbox.Row {
			stuck(w)
			w.AddFault(sandbox.Fault{Kind: sandbox.CancelKeepsStatus})
			w.must(w.PersonCancel("d1"))
			return nil
		}, sandbox.Incident{}, ""},
		{"moved there and back", func(w *world) []sandbox.Row {
			w.draft("d1")
			w.Break("paris")
			w.must(w.PersonMove("d1", "lyon"))
			w.pass(time.Minute)
			w.must(w.PersonMove("d1", "paris"))
			w.pass(time.Minute)
			return row("reassigned", "")
		}, sandbox.Incident{}, "d1"},
		{"moved back, and the webhook of it was lost", func(w *world) []sandbox.Row {
			w.draft("d1")
			w.Break("paris")
			w.must(w.PersonMove("d1", "lyon"))
			w.pass(time.Minute)
			w.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop})
			w.must(w.PersonMove("d1", "paris"))
			w.pass(time.Minute)
			return row("reassigned", "")
		}, sandbox.Incident{}, ""},
		{"moved there behind a webhook from next week", func(w *world) []sandbox.Row {
			w.draft("d1")
			w.must(w.PersonMove("d1", "lyon"))
			w.AddFault(sandbox.Fault{Kind: sandbox.WebhookDated, After: 168 * time.Hour, Count: 1})
			w.Announce("delivery_order/updated", "d1")
			w.pass(time.Minute)
			w.must(w.PersonMove("d1", "paris"))
			w.Break("paris")
			w.pass(time.Minute)
			return nil
		}, sandbox.Incident{}, "d1"},
		{"our replacement, where the fallback fails too", func(w *world) []sandbox.Row {
			id := handover(w)
			w.Break("lyon")
			return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "reassigned"}}
		}, sandbox.Incident{LocationID: lyon}, "ours"},
		{"our replacement, whose row is open", func(w *world) []sandbox.Row {
			id := handover(w)
			w.Break("lyon")
			return []sandbox.Row{{DeliveryOrderID: "d1", ReplacementID: id, State: "confirming"}}
		}, sandbox.Incident{LocationID: lyon}, ""},
		{"a former replacement of ours, in the open row of its order", func(w *world) []sandbox.Row {
			w.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, Location: "lyon"})
			id := handover(w)
			w.cancel(id)
			w.Break("lyon")
			return []sandbox.Row{{DeliveryOrderID: "d1", OrderIDs: []string{"o1"}, State: "needs_person"}}
		}, sandbox.Incident{LocationID: lyon}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rows := c.play(w)
			inc := sandbox.Incident{IncidentID: "i1", LocationID: paris, State: "draining", Unapproved: c.incident.Unapproved}
			if c.incident.LocationID != "" {
				inc.LocationID = c.incident.LocationID
			}
			if c.incident.IncidentID != "" {
				inc.IncidentID = c.incident.IncidentID
			}
			if c.incident.State != "" {
				inc.State = c.incident.State
			}
			got := ""
			v := sandbox.JudgeAtRest(w.Books(), rows, []sandbox.Incident{inc})
			for _, f := range v.Forgotten {
				if got += f.DeliveryOrder; f.DeliveryOrder != "d1" {
					got = "ours"
				}
			}
			if got != c.forgotten || v.Holds() != (c.forgotten == "") {
				t.Errorf("forgotten %q, want %q\n%s", got, c.forgotten, v)
			}
		})
	}
}

func TestTheJudgeOverHTTPKnowsIncidents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stuck(w)
	_, raw := w.command("POST", "judge", `{"rows":[],"incidents":[{"incident_id":"i1","location_id":"loc-paris","state":"draining"}]}`)
	var v sandbox.Verdict
	if err := json.Unmarshal([]byte(raw), &v); err != nil || len(v.Forgotten) != 1 {
		t.Errorf("%v %s", err, raw)
	}
}
