package handover_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestARowSaysWhatItWaitsFor stops a handover in each of its waits, a few minutes after its location failed.
func TestARowSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	silent := func(l string) sandbox.Fault { return sandbox.Fault{Kind: sandbox.Silent, Location: l} }
	for want, c := range map[api.WaitsFor]struct {
		options world.Options
		order   func(*sandbox.Order, *sandbox.DeliveryOrder)
		before  func(s *fixture)
		after   time.Duration // since the location failed
		until   time.Duration // since the wait began, at least; 0: not known
	}{
		api.WaitCancel: {before: func(s *fixture) { s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent}) },
			after: 5 * time.Minute, until: 15 * time.Minute},
		api.WaitRedispatch: {order: automatic, after: 3 * time.Minute, until: 2 * time.Minute},
		api.WaitAcceptance: {before: func(s *fixture) { s.Platform.AddFault(silent(sandbox.Lyon)) },
			after: 5 * time.Minute, until: time.Hour},
		api.WaitCapacity: {options: world.Options{Policy: atMost(1, 0)}, before: func(s *fixture) { s.order("0", sandbox.Pending) },
			after: 8 * time.Minute, until: 24 * time.Hour},
		api.WaitCanary: {options: world.Options{Incident: func(i *incident.Settings) { i.Canary = 1 }}, before: func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
			s.order("0", sandbox.Pending)
		}, after: 5 * time.Minute},
		api.WaitOperator: {order: func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[0].Status = "IN_PROGRESS" }, after: 5 * time.Minute},
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, c.options)
			if c.before != nil {
				c.before(s)
			}
			change := c.order
			if change == nil {
				change = manual
			}
			s.order("1", sandbox.Pending, change)
			s.Platform.Break("loc_paris")
			s.pass(c.after)
			rows, err := s.Rows(s.ctx)
			s.must(err)
			found := false
			for _, r := range rows {
				what, until := r.WaitsFor(nil)
				if what != want {
					continue
				}
				found = true
				if known := !until.IsZero(); known != (c.until > 0) || known && (until.Before(world.Start.Add(c.until)) || until.After(s.Now().Add(c.until))) {
					t.Errorf("it waits until %s; want %s after a moment before %s", until, c.until, s.Now())
				}
			}
			if !found {
				t.Errorf("no row waits for %s\n%s", want, s.story())
			}
		})
	}
}

// TestAPauseIsWhatEveryRowAtWorkWaitsFor has a pause come while a cancellation is waited for.
func TestAPauseIsWhatEveryRowAtWorkWaitsFor(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Pending, func(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Lines[0].Status = "IN_PROGRESS" })
	s.Platform.Break("loc_paris")
	s.pass(5 * time.Minute)
	for _, scope := range []string{journal.AllLocations, "loc_paris", "loc_lyon", "loc_lille"} {
		want := api.WaitPause
		if scope == "loc_lille" {
			want = api.WaitCancel
		}
		pauses := []journal.Pause{{Scope: scope}}
		if what, until := s.row("1").WaitsFor(pauses); what != want || (want == api.WaitPause) != until.IsZero() {
			t.Errorf("during a pause of %s it waits for %s until %s, want %s", scope, what, until, want)
		}
		if what, _ := s.row("2").WaitsFor(pauses); what != api.WaitOperator {
			t.Errorf("what needs an operator waits for %s", what)
		}
	}
}

// TestWhatIsOverWaitsForNothing has a handover end.
func TestWhatIsOverWaitsForNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.breaks()
	s.ends("1", "reassigned")
	if what, until := s.row("1").WaitsFor([]journal.Pause{{Scope: journal.AllLocations}}); what != "" || !until.IsZero() {
		t.Errorf("it waits for %s until %s", what, until)
	}
}
