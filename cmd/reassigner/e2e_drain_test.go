package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
)

// trialOrders are few and show a delivery order of every kind.
const trialOrders = 20

func playDrain(t *testing.T, s store) {
	w := newTrial(t, s)
	w.seed(trialOrders)
	w.platform.Break(sandbox.Paris)
	rows := w.rested(len(w.merchant.InFlight))
	w.holds()
	want := map[string]int{"reassigned": 6, "needs_person: aggregated_orders": 1, "needs_person: already_preparing": 1,
		"needs_person: already_shipped": 1, "needs_person: no_candidate": 1, "needs_person: opened_not_enabled": 1,
		"needs_person: policy_rule": 2}
	if diff := cmp.Diff(want, outcomes(w.remembered(rows))); diff != "" {
		t.Errorf("what became of the rows differs (-want +got):\n%s", diff)
	}
	w.moved(rows)
}

// moved checks in the platform's books where the reassigned rows are.
func (w *processFixture) moved(rows []api.OrderRow) {
	w.Helper()
	b := w.platform.Books()
	for _, row := range rows {
		if row.State != journal.Reassigned {
			continue
		}
		original, _ := b.DeliveryOrder(row.DeliveryOrderID)
		there := original
		if row.ReplacementID != nil {
			there, _ = b.DeliveryOrder(*row.ReplacementID)
			for _, l := range original.Lines {
				if l.Status != sandbox.LineCanceled {
					w.Errorf("%s was replaced and its line is %s", original.ID, l.Status)
				}
			}
		}
		if row.To == nil || there.Location != w.merchant.Locations[*row.To] || there.Location == w.merchant.Locations[sandbox.Paris] {
			w.Errorf("%s is at %s and the row says %v", there.ID, there.Location, row.To)
		}
		if (there.Status == sandbox.Draft) != (*row.OriginalStatus == sandbox.Draft) {
			w.Errorf("%s was %s and its successor is %s", original.ID, *row.OriginalStatus, there.Status)
		}
	}
}

func playApproval(t *testing.T, s store) {
	w := newTrial(t, s, func(c *config.Config) { c.Incident.Mode = "approve" })
	w.seed(trialOrders)
	w.platform.Break(sandbox.Paris)
	inc := w.incident(demo.Organization, journal.AwaitingApproval)
	var plan []api.PlanRow // one of low priority falls to the policy's default, and one has no fallback: they are stranded
	if err := json.Unmarshal([]byte(w.must(cli.ExitFailed, "plan --location "+sandbox.Paris+" --json").stdout), &plan); err != nil {
		t.Fatal(err)
	}
	if got, want := len(plan), len(w.merchant.InFlight); got != want {
		t.Errorf("the plan has %d rows, want %d", got, want)
	}
	if got := w.mutations(0); len(got) > 0 {
		t.Fatalf("something was done before the approval: %v", got)
	}
	w.must(cli.ExitDone, "incidents approve "+inc.IncidentID+" --limit 1 --yes --reason", "one to begin with")
	w.until("the first order is reassigned", func() bool {
		return outcomes(listed[api.OrderRow](w, "orders list"))["reassigned"] == 1
	})
	w.must(cli.ExitDone, "incidents approve "+inc.IncidentID+" --yes --reason", "the warehouse is really away")
	rows := w.rested(len(w.merchant.InFlight))
	w.holds()
	planned := map[string]string{}
	for _, row := range plan {
		planned[row.DeliveryOrderID] = row.Action
	}
	for _, row := range rows {
		want := map[string]journal.State{"reassign": journal.Reassigned, "leave": journal.Left, "needs_person": journal.NeedsPerson}
		if row.State != want[planned[row.DeliveryOrderID]] {
			t.Errorf("%s: planned %s, became %s %s", row.DeliveryOrderID, planned[row.DeliveryOrderID], row.State, terminal.OrDash(row.Reason))
		}
	}
	w.must(cli.ExitRefused, "incidents approve "+inc.IncidentID+" --yes --reason", "again")
}

func playPause(t *testing.T, s store) {
	const confirmed, onItsWay = 400 * time.Millisecond, 200 * time.Millisecond
	w := newTrial(t, s)
	w.seed(trialOrders)
	w.platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: confirmed})
	w.must(cli.ExitDone, "pause --yes --reason", "stocktaking")
	w.platform.Break(sandbox.Paris)
	w.incident(demo.Organization, journal.Blocked)
	w.must(cli.ExitDone, "resume --yes --reason", "counted")
	cancelled := func() bool {
		for _, e := range w.mutations(0) {
			if e.Operation == "deliveryOrderCancel" {
				return true
			}
		}
		return false
	}
	w.until("the first cancel is sent", cancelled)
	w.must(cli.ExitDone, "pause --location "+sandbox.Paris+" --yes --reason", "a call from the warehouse")
	w.wait(onItsWay, func() {})
	paused := w.newest()
	w.wait(2*confirmed+w.cfg.Incident.Sweep, func() {
		if got := w.mutations(paused); len(got) > 0 {
			t.Fatalf("sent during a pause: %v", got)
		}
	})
	w.must(cli.ExitDone, "resume --location "+sandbox.Paris+" --yes --reason", "a false alarm")
	rows := w.rested(len(w.merchant.InFlight))
	w.holds()
	w.moved(rows)
	if got := outcomes(rows)["reassigned"]; got == 0 {
		t.Error("nothing was reassigned after the pause")
	}
}

// playStrangeIDs posts the event as a user of the platform has it, whose ids are no UUIDs.
func playStrangeIDs(t *testing.T, s store) {
	body, ok := webhook.Sample("errored_user_page")
	if !ok {
		t.Fatal("the sample is missing")
	}
	e, err := webhook.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	o := demo.SandboxOrganization(e.Organization)
	w := newTrial(t, s, func(c *config.Config) { c.Organizations = []config.Organization{trialOrganization(o)} })
	w.platform.AddOrganization(o)
	w.subscribe(o.ID, w.receiver)
	paris := e.Integration.LocationID
	w.merchant.Locations = map[string]string{sandbox.Paris: paris, sandbox.Lyon: "l1y2o3n4"}
	w.platform.AddLocation(sandbox.Location{ID: paris, Organization: o.ID, Slug: sandbox.Paris, Active: true, IntegrationID: e.Integration.ID})
	w.platform.AddLocation(sandbox.Location{ID: "l1y2o3n4", Organization: o.ID, Slug: sandbox.Lyon, Active: true})
	for _, d := range []sandbox.DeliveryOrder{
		{ID: "d5o6-draft", Status: sandbox.Draft},
		{ID: "d7o8-pending", Status: sandbox.Pending, Events: []string{sandbox.EventRequested}},
	} {
		order := sandbox.Order{ID: "o-" + d.ID, Organization: o.ID, Lines: []sandbox.OrderLine{{ID: "l-" + d.ID, SKU: "MUG-GREEN", Quantity: 2}}}
		w.platform.AddOrder(order)
		d.Location, d.Orders = paris, []string{order.ID}
		d.Lines = []sandbox.Line{{SKU: "MUG-GREEN", Quantity: 2}}
		w.platform.AddDeliveryOrder(d)
	}
	w.heard(o.ID)
	w.platform.SetIntegration(paris, sandbox.IntegrationError, "", false)
	for _, want := range []string{`{"result":"taken"}`, `{"result":"seen before"}`} {
		if status, got := w.post(body, o.ClientSecret); status != http.StatusOK || got != want {
			t.Errorf("got %d %s, want 200 %s", status, got, want)
		}
	}
	rows := w.rested(2)
	w.holds()
	w.moved(rows)
	if diff := cmp.Diff(map[string]int{"reassigned": 2}, outcomes(w.remembered(rows))); diff != "" {
		t.Errorf("what became of the rows differs (-want +got):\n%s", diff)
	}
}

// post sends a webhook, signed with a key, and returns the answer; 0 is none.
func (w *processFixture) post(body []byte, key string) (status int, answer string) {
	return postTo(w.receiver, body, key)
}

func postTo(to *member, body []byte, key string) (status int, answer string) {
	request, err := http.NewRequest(http.MethodPost, "http://"+to.public+intake.Path, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, key))
	return exchange(request)
}
