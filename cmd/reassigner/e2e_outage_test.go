package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/index"
)

// outage is how long Redis is away: less than the 3 s that a webhook may wait for it.
const outage = 2 * time.Second

// playRestart replaces the receiver as one does it behind a balancer: the new one is started and gets what
// comes from then on, the old one is told to stop. What the old one has taken by then waits for Redis.
func playRestart(t *testing.T, s store) {
	const begun = 10 // looks, until the first webhook is in the receiver's hands; a machine that stands still loses one
	w := newTrial(t, s)
	first, second := w.start(app.RoleReceiver), w.start(app.RoleReceiver)
	s.away()
	w.seedUnheard(first)
	for range begun {
		time.Sleep(trialLook)
	}
	w.subscribe(demo.Organization, second)
	stopped := make(chan struct{})
	go func() { first.stop(); close(stopped) }()
	w.wait(outage/2, func() {})
	if status, _ := postTo(first, nil, ""); status != 0 {
		t.Error("the first receiver still takes connections")
	}
	s.back()
	<-stopped
	w.heard(demo.Organization)
	w.platform.Break(sandbox.Paris)
	rows := w.rested(len(w.merchant.InFlight))
	w.holds()
	w.moved(rows)
}

// playOutage has Redis away while everything is announced, the failure of the location last.
func playOutage(t *testing.T, s store) {
	w := newTrial(t, s)
	s.away()
	w.seedUnheard(w.receiver)
	w.platform.Break(sandbox.Paris)
	w.wait(outage, func() {})
	s.back()
	w.heard(demo.Organization)
	rows := w.rested(len(w.merchant.InFlight))
	w.holds()
	w.moved(rows)
}

// TestTwoHundredWebhooksAtOnceSitOutARedisThatIsAway is run alone: what it is about is a second on the clock, which
// other packages' tests may take. So it has three tries.
//
//nolint:paralleltest // it measures how long Redis may be away
func TestTwoHundredWebhooksAtOnceSitOutARedisThatIsAway(t *testing.T) {
	for _, s := range stores {
		t.Run("on "+s.name, func(t *testing.T) {
			for tries := 3; tries > 0 && !playCrowd(t, s.open(t), tries > 1); tries-- {
			}
		})
	}
}

// playCrowd reports whether it came to an end: not if webhooks were refused and it may be played again.
func playCrowd(t *testing.T, s store, again bool) bool {
	const crowd = 200
	w := newTrial(t, s)
	s.away()
	back := time.AfterFunc(outage, s.back)
	defer back.Stop()
	var mu sync.Mutex
	answers := map[string]int{}
	var sent sync.WaitGroup
	for n := range crowd {
		sent.Go(func() {
			body := fmt.Appendf(nil, `{"header":{"organizationId":%q,"messageId":"m-%d","type":"location/updated","date":"2026-05-18T06:00:00.000Z"},`+
				`"body":{"id":"l-%d","name":"place-%d"}}`, demo.Organization, n, n, n)
			status, answer := w.post(body, demo.SandboxOrganization(demo.Organization).ClientSecret)
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(status, " ", answer)]++
		})
	}
	sent.Wait()
	if want := fmt.Sprint(http.StatusOK, ` {"result":"taken"}`); answers[want] != crowd {
		if again {
			t.Logf("on a machine that may be busy the answers were %v", answers)
			return false
		}
		t.Errorf("got %v, want %d times %s", answers, crowd, want)
	}
	if places, err := index.New(w.rdb).Locations(t.Context(), demo.Organization); err != nil || len(places) != crowd {
		t.Errorf("%d places are known, want %d; %v", len(places), crowd, err)
	}
	return true
}
