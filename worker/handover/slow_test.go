package handover_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/world"
)

// TestReadsThatAreAlwaysTooSlowEndWithAPerson has a platform that takes longer over each read of a delivery order than
// the read is good for: nothing is changed on the strength of one, and they are not repeated for ever.
func TestReadsThatAreAlwaysTooSlowEndWithAPerson(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, status string
		good         int // reads that are quick, at first
		mood         sandbox.Mood
		then         string // after a retry, once the platform is quick
	}{
		{"before anything is begun", sandbox.Pending, 0, sandbox.Mood{}, "reassigned"},
		{"before a DRAFT is moved", sandbox.Draft, 0, sandbox.Mood{}, "reassigned"},
		{"before what was prepared is taken back", sandbox.Pending, 1, sandbox.Mood{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"}, "needs_person: cancel_refused"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", tt.status)
			if tt.mood.Kind != "" {
				s.Platform.Mood(tt.mood)
			}
			s.Platform.Break(sandbox.Paris)
			s.pass(time.Minute)
			read := 0
			s.Slow = func(r *http.Request) time.Duration {
				if !world.Asks(r, "deliveryOrder") {
					return 0
				}
				if read++; read <= tt.good {
					return 0
				}
				return handover.Fresh + time.Second
			}
			s.must(s.Settle(s.ctx, 6*time.Hour))
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
		if world.Asks(r, "deliveryOrder") {
			return handover.Fresh - time.Second
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
		if world.Asks(r, "deliveryOrder") {
			return handover.Fresh + time.Second
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
