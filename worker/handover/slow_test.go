package handover_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/world"
)

// TestReadsThatAreAlwaysTooSlowEndWithAPerson has a platform that takes longer over each read of a delivery order than
// the read is good for: nothing is changed on the strength of one, and they are not repeated for ever.
func TestReadsThatAreAlwaysTooSlowEndWithAPerson(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, status string
		good         int // reads that are quick, at first
		mood         sandbox.Fault
		then         string // after a retry, once the platform is quick
	}{
		{"before anything is begun", sandbox.Pending, 0, sandbox.Fault{}, "reassigned"},
		{"before a DRAFT is moved", sandbox.Draft, 0, sandbox.Fault{}, "reassigned"},
		{"before what was prepared is taken back", sandbox.Pending, 1, sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"}, "needs_person: cancel_refused"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", tt.status)
			if tt.mood.Kind != "" {
				s.Platform.AddFault(tt.mood)
			}
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			read := 0
			s.Slow = func(r *http.Request) time.Duration {
				if !world.CallsField(r, "deliveryOrder") {
					return 0
				}
				if read++; read <= tt.good {
					return 0
				}
				return decision.Fresh + time.Second
			}
			s.must(s.RunUntilIdle(s.ctx, 6*time.Hour))
			s.ends("1", "needs_person: retries_exhausted")
			const readsMost = 50 // in about three hours; at once after one another it would be 2,000
			if read > readsMost {
				t.Errorf("%d reads, want at most %d", read, readsMost)
			}
			s.holds()
			s.Slow = nil
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", tt.then)
			s.holds()
		})
	}
}

// TestAReadThatIsJustQuickEnoughIsGoodEnough has each take nearly as long as it is good for.
func TestAReadThatIsJustQuickEnoughIsGoodEnough(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Slow = func(r *http.Request) time.Duration {
		if world.CallsField(r, "deliveryOrder") {
			return decision.Fresh - time.Second
		}
		return 0
	}
	s.breaks()
	s.ends("1", "reassigned")
	s.holds()
}

func TestProceedIsRefusedOnAReadThatIsTooSlow(t *testing.T) {
	t.Parallel()
	s := unconfirmed(t)
	s.Slow = func(r *http.Request) time.Duration {
		if world.CallsField(r, "deliveryOrder") {
			return decision.Fresh + time.Second
		}
		return 0
	}
	if err := s.Handover.Proceed(s.ctx, s.row("1"), ops); !errors.Is(err, handover.ErrMovedOn) {
		t.Errorf("proceed: %v, want %v", err, handover.ErrMovedOn)
	}
	s.Slow = nil
	s.must(s.Handover.Proceed(s.ctx, s.row("1"), ops))
	s.Platform.PersonProceeds("do_1")
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}

// slowTarget has the read of a location take longer than a read is good for, once or always, after the release of
// do_1 is confirmed; during the first one something else happens.
func slowTarget(s *fixture, always bool, meanwhile func(*fixture)) {
	s.t.Helper()
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 30 * time.Second})
	s.Platform.Break(sandbox.Paris)
	s.pass(123 * time.Second)
	n := 0
	s.Slow = func(r *http.Request) time.Duration {
		if n > 0 && !always || !world.CallsField(r, "location") || n == 0 && !s.row("1").Released() {
			return 0
		}
		if n++; n == 1 {
			meanwhile(s)
		}
		return decision.Fresh + time.Second
	}
	s.must(s.RunUntilIdle(s.ctx, 6*time.Hour))
	if n == 0 {
		s.t.Errorf("no read of a location was slow")
	}
}

// twin is somebody who sends the mugs of order 1 from Lille.
func twin(s *fixture) {
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: "do_twin", Location: "loc_lille", Orders: []string{"ord_1"}, Status: sandbox.Pending,
		Events: []string{sandbox.EventRequested},
		Lines:  []sandbox.Line{{ID: "dl_twin", OrderLine: "ol_1_1", SKU: "MUG", Status: sandbox.LinePending, Quantity: 2}}})
}

// afterTheSums is what may happen between the sums and the send, and what comes of it.
var afterTheSums = map[string]struct {
	meanwhile func(*fixture)
	want      string
}{
	"another delivery order covers the units": {twin, "needs_person: over_allocated"},
	"nothing": {func(*fixture) {}, "reassigned"},
}

// TestWhatHappensDuringASlowCheckIsSummed has the read of the target take its time between the sums and the send.
func TestWhatHappensDuringASlowCheckIsSummed(t *testing.T) {
	t.Parallel()
	for name, c := range afterTheSums {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			slowTarget(s, false, c.meanwhile)
			s.ends("1", c.want)
			s.holds()
		})
	}
}

// TestASendThatHasToWaitIsSummedAnew has the platform throttle the send of a replacement that was summed, and let it in
// later: what somebody else sent meanwhile counts.
func TestASendThatHasToWaitIsSummedAnew(t *testing.T) {
	t.Parallel()
	for name, c := range afterTheSums {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault429, Operation: "deliveryOrderOpen", After: decision.Fresh + 5*time.Second, Count: 1})
			s.Slow = func(r *http.Request) time.Duration {
				if world.CallsField(r, "deliveryOrderOpen") {
					s.Slow = nil
					c.meanwhile(s)
				}
				return 0
			}
			s.breaks()
			s.ends("1", c.want)
			s.holds()
		})
	}
}

// TestAnIntentThatTakesItsTimeToRecordIsNotActedOn has Redis take longer to record an intent than the read that
// justifies it is good for; meanwhile somebody else covers the units. Nothing is sent on that read.
func TestAnIntentThatTakesItsTimeToRecordIsNotActedOn(t *testing.T) {
	t.Parallel()
	for step, c := range map[string]struct {
		status    string
		meanwhile func(*fixture)
		want      string
	}{
		"move":    {sandbox.Draft, func(*fixture) {}, "reassigned"},
		"prepare": {sandbox.Pending, func(*fixture) {}, "reassigned"},
		"release": {sandbox.Pending, func(*fixture) {}, "reassigned"},
		"send":    {sandbox.Pending, twin, "needs_person: over_allocated"},
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", c.status)
			slow := 0
			s.Record = func(cmd redis.Cmder) time.Duration {
				if slow > 0 || !strings.Contains(fmt.Sprintf("%s", cmd.Args()), `"intent":{"step":"`+step+`"`) {
					return 0
				}
				slow++
				c.meanwhile(s)
				return decision.Fresh + time.Second
			}
			s.breaks()
			s.ends("1", c.want)
			s.holds()
			if slow == 0 {
				t.Errorf("no intent to %s was recorded", step)
			}
		})
	}
}

// TestAReadThatIsAlwaysTooSlowEndsWithAPerson sends nothing on what was summed too long ago, and does not turn in
// circles either.
func TestAReadThatIsAlwaysTooSlowEndsWithAPerson(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	slowTarget(s, true, func(*fixture) {})
	s.ends("1", "needs_person: retries_exhausted")
	const requestsMost = 130
	if n := s.row("1").Admission.Requests; n > requestsMost {
		t.Errorf("%d requests were sent for it, want at most %d", n, requestsMost)
	}
	s.holds()
	s.Slow = nil
	s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "reassigned")
	s.holds()
}
