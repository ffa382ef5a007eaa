package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/notify"
)

// TestEverySeriesMovesWithADrain guards the wiring: a room whose observer is not wired counts nothing, and says
// nothing of it.
func TestEverySeriesMovesWithADrain(t *testing.T) {
	t.Parallel()
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(hook.Close)
	target, err := notify.NewTarget("alerts.targets[0]", happycolis.Secret("generic+"+hook.URL+"/hook?template=json"))
	if err != nil {
		t.Fatal(err)
	}
	var busted atomic.Bool
	w := newTrial(t, embeddedStore(t), func(c *config.Config) {
		c.Alerts = config.Alerts{Targets: []notify.Target{target}, Remind: time.Hour, Silence: time.Hour}
		c.OpenPolicy = func(string) (*policy.Policy, error) {
			if busted.Load() {
				return nil, errors.New("busted")
			}
			return policy.Parse(demo.Policy)
		}
	})
	// None of these moves unless its room tells.
	still := map[string]string{
		"Call":     `reassigner_api_requests_total{`,
		"Limiter":  `reassigner_rate_limit_grants_total{class="handover"`,
		"Stepped":  `reassigner_handover_step_duration_seconds_count{`,
		"Rested":   `reassigner_handover_duration_seconds_count{`,
		"Webhook":  `reassigner_webhooks_total{code="200",result="taken"}`,
		"Swept":    `reassigner_sweeps_total{organization="` + demo.Organization + `",result="ok"}`,
		"Found":    `reassigner_sweep_findings_total{finding="missed_event"`,
		"Alert":    `reassigner_alerts_total{result="ok"`,
		"Reloaded": `reassigner_policy_reloads_total{result="ok"}`,
		"Urgent":   `reassigner_urgent_total{organization="` + demo.Organization + `",reason="journal_lost"}`,
	}
	moved := func(rooms ...string) bool {
		_, body := apptest.Fetch(t, w.admin()+"/metrics")
		for name, series := range still {
			if slices.Contains(rooms, name) && regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(series)+`.* [1-9]`).MatchString(body) {
				delete(still, name)
			}
		}
		return !slices.ContainsFunc(rooms, func(name string) bool { return still[name] != "" })
	}
	w.seed(6)
	w.platform.AddFault(sandbox.Fault{Kind: sandbox.WebhookDrop, Webhook: "location/fulfillment_service_integration/errored"})
	w.platform.Break(sandbox.Paris)
	w.rested(len(w.merchant.InFlight))
	w.desk.app.ReloadPolicies(t.Context())
	busted.Store(true)
	w.desk.app.ReloadPolicies(t.Context()) // of which people are told
	for _, room := range strings.Fields("Call Limiter Stepped Rested Webhook Swept Found Reloaded Alert") {
		apptest.Eventually(t, room+" is told", func() bool { return moved(room) })
	}
	apptest.Eventually(t, "Urgent is told: the journal is lost", func() bool {
		if err := w.rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		return moved("Urgent")
	})
}
