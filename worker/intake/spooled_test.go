package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/spool"
)

func TestWhileRedisIsAwayEventsGoToTheSpool(t *testing.T) {
	t.Parallel()
	s := newSpooling(t)
	s.want(t, s.post(t, order("msg_0", "do_0"), secret), taken)
	s.redis.Close()
	s.want(t, s.post(t, order("msg_1", "do_1"), secret), spooled)
	began := time.Now()
	for i := 2; i < 50; i++ {
		s.want(t, s.post(t, order(fmt.Sprint("msg_", i), "do_1"), secret), spooled)
	}
	s.want(t, s.post(t, []byte("no JSON"), secret), spooled)
	s.want(t, s.post(t, breaks(org, "msg_50", "loc_paris"), secret), spooled)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("50 were answered in %s, and not at once", took)
	}
	if !s.taker.IsSpooling() {
		t.Error("nothing is said to be in the spool")
	}
	if err := s.redis.Restart(); err != nil {
		t.Fatal(err)
	}
	s.awaitDirect()
	for i := range 51 {
		s.wantSeen(t, fmt.Sprint("msg_", i), true)
	}
	if got := s.observations(t); len(got) != 1 {
		t.Errorf("%d observations, want 1", len(got))
	}
	if got := s.parked(t, org); len(got) != 1 || got[0]["at"] != "2026-05-18T12:00:00Z" {
		t.Errorf("%v is parked, want one of when it came", got)
	}
	s.want(t, s.post(t, order("msg_51", "do_1"), secret), taken)
	if entries, err := os.ReadDir(s.dir); err != nil || len(entries) > 0 {
		t.Errorf("the folder holds %v, %v, want nothing", entries, err)
	}
}

// TestWhatRedisRefusesIsKept is of a Redis that answers, and takes nothing.
func TestWhatRedisRefusesIsKept(t *testing.T) {
	t.Parallel()
	slow := func(s *spooling, is bool) {
		var hook server.Hook
		if is {
			hook = func(*server.Peer, string, ...string) bool { time.Sleep(300 * time.Millisecond); return false }
		}
		s.redis.Server().SetPreHook(hook)
		s.tasks.Server().SetPreHook(hook)
	}
	says := func(text string) func(*spooling, bool) {
		return func(s *spooling, is bool) {
			if !is {
				text = ""
			}
			s.redis.SetError(text)
		}
	}
	for name, trouble := range map[string]func(*spooling, bool){
		"it is a replica":        says("READONLY You can't write against a read only replica."),
		"it is out of memory":    says("OOM command not allowed when used memory > 'maxmemory'."),
		"it lacks its replicas":  says("NOREPLICAS Not enough good replicas to write."),
		"it cannot save":         says("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."),
		"from within a script":   says("ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write against a read only replica."),
		"300 ms a round trip":    slow,
		"the queue is elsewhere": func(s *spooling, is bool) { s.tasks.SetError(map[bool]string{true: "LOADING the dataset"}[is]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpooling(t)
			trouble(s, true)
			for i := range 3 {
				s.want(t, s.post(t, breaks(org, fmt.Sprint("msg_", i), fmt.Sprint("loc_", i)), secret), spooled)
			}
			if name != "300 ms a round trip" {
				time.Sleep(100 * time.Millisecond)
				if got := s.spool.Stats(); got.Waiting != 3 || got.Kept != 0 {
					t.Errorf("it has %+v, want three that wait", got)
				}
				trouble(s, false)
			}
			s.awaitDirect()
			if got := s.observations(t); len(got) != 3 {
				t.Errorf("%d observations, want 3", len(got))
			}
		})
	}
}

// TestNothingIsAppliedBeforeRedisIsKnownToBeOurs has events come before Redis was ever seen, and then another platform's.
func TestNothingIsAppliedBeforeRedisIsKnownToBeOurs(t *testing.T) {
	t.Parallel()
	var ready, asked atomic.Bool
	s := withSpool(t, newFixture(t), filepath.Join(t.TempDir(), "spool"), func(o *intake.TakerOptions, _ *spool.Options) {
		o.IsReady = ready.Load
		o.CheckPlatform = func(context.Context) error {
			asked.Store(true)
			if !ready.Load() {
				return errors.New("Redis belongs to another platform")
			}
			return nil
		}
	})
	s.want(t, s.post(t, order("msg_1", "do_1"), secret), spooled)
	asked.Store(false)
	s.eventually("Redis is asked whose it is", asked.Load)
	s.want(t, s.post(t, order("msg_2", "do_1"), secret), spooled)
	if keys := s.redis.Keys(); len(keys) > 0 {
		t.Errorf("%v was written to it", keys)
	}
	ready.Store(true)
	s.awaitDirect()
	s.wantSeen(t, "msg_2", true)
}

func TestWithoutASpoolItWaitsUntilRedisIsKnownToBeOurs(t *testing.T) {
	t.Parallel()
	var ready atomic.Bool
	b := newFixture(t)
	b.options.Taker = intake.NewTaker(intake.TakerOptions{Intake: b.options.Intake, IsReady: ready.Load, Log: b.options.Log})
	b.options.Taker.Run(t.Context()) // has nothing to do
	b.wait(impatient)
	b.want(t, b.post(t, order("msg_1", "do_1"), secret), away)
	b.wait(patient)
	time.AfterFunc(50*time.Millisecond, func() { ready.Store(true) })
	b.want(t, b.post(t, order("msg_1", "do_1"), secret), taken)
}

// TestEventsAboutOneThingAreAppliedInTheirOrder needs no dates: later ones are only marked by the signals they cause.
func TestEventsAboutOneThingAreAppliedInTheirOrder(t *testing.T) {
	t.Parallel()
	s := newSpooling(t)
	s.redis.SetError("LOADING the dataset")
	const orders, events = 7, 60
	for i := range orders * events {
		body := event(org, fmt.Sprint("msg_", i), "delivery_order/cancellation_rejected", fmt.Sprintf(`{"id":"do_%d","status":"PENDING","orderNumber":"%d"}`, i%orders, i/orders))
		s.want(t, s.post(t, body, secret), spooled)
	}
	s.redis.SetError("")
	s.awaitDirect()
	for i := range orders {
		entry, _, err := s.index.Get(t.Context(), org, fmt.Sprint("do_", i))
		if err != nil || entry.Number != fmt.Sprint(events-1) {
			t.Errorf("of do_%d %q was the last, %v, want %d", i, entry.Number, err, events-1)
		}
	}
	if got := len(s.nudged()); got != orders*events {
		t.Errorf("%d were applied, want each of %d once", got, orders*events)
	}
}

// TestAnEventIsAppliedOnceAndOnceMoreForEachCrash lets a process die between an effect and the cursor: the first process right
// after its first effect, the second after its second, and so on. Each finds the folder as it was when the one before died.
func TestAnEventIsAppliedOnceAndOnceMoreForEachCrash(t *testing.T) {
	t.Parallel()
	const events = 5
	afterEffect := func(int) {}
	effects := 0
	b := newFixture(t, func(o *options) {
		signal := o.Signal
		o.Signal = func(ctx context.Context, organization, deliveryOrder string) error {
			effects++
			afterEffect(effects)
			return signal(ctx, organization, deliveryOrder)
		}
	})
	s := withSpool(t, b, filepath.Join(t.TempDir(), "spool"), func(o *intake.TakerOptions, _ *spool.Options) { o.CheckPlatform = notYet })
	for i := range events {
		s.want(t, s.post(t, event(org, "", "delivery_order/cancellation_rejected", fmt.Sprintf(`{"id":"do_1","status":"PENDING","orderNumber":"%d"}`, i)), secret), spooled)
	}
	s.stop()
	total := 0
	for crash := 1; crash < events; crash++ {
		next := filepath.Join(t.TempDir(), "spool")
		died := make(chan struct{})
		effects = 0
		afterEffect = func(n int) {
			if n == crash {
				copyFolder(t, s.dir, next)
				close(died)
				s.kill()
			}
		}
		begin := make(chan struct{})
		s = withSpool(t, b, s.dir, func(o *intake.TakerOptions, _ *spool.Options) {
			o.CheckPlatform = func(context.Context) error { <-begin; return nil }
		})
		close(begin)
		<-died
		s.stop()
		if effects != crash {
			t.Errorf("it died after %d effects, want %d", effects, crash)
		}
		total += crash
		s.dir = next
	}
	effects, afterEffect = 0, func(int) {}
	s = withSpool(t, b, s.dir)
	s.awaitDirect()
	if got, want := len(b.nudged()), total+events; got != want || effects != events {
		t.Errorf("%d effects, of them %d of the last process, want %d and %d", got, effects, want, events)
	}
	if e, _, err := b.index.Get(t.Context(), org, "do_1"); err != nil || e.Number != fmt.Sprint(events-1) {
		t.Errorf("%q was the last, %v", e.Number, err)
	}
}

func notYet(context.Context) error { return errors.New("Redis does not answer") }

// copyFolder is the folder as a process that dies now leaves it.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAnotherProcessLeftIsAppliedFirst(t *testing.T) {
	t.Parallel()
	b, dir := newFixture(t), filepath.Join(t.TempDir(), "spool")
	s := withSpool(t, b, dir, func(o *intake.TakerOptions, _ *spool.Options) { o.CheckPlatform = notYet })
	s.want(t, s.post(t, order("msg_1", "do_1"), secret), spooled)
	s.stop()
	s = withSpool(t, b, dir)
	s.awaitDirect()
	s.wantSeen(t, "msg_1", true)
}

// TestOfTwoReceiversTheLaterArrivalWins has one cut off from Redis while the other takes an event of the same date, whatever
// the clock of the first says.
func TestOfTwoReceiversTheLaterArrivalWins(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"their clocks agree": 0, "its clock is an hour slow": -time.Hour, "its clock is an hour fast": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock atomic.Int64
			now := func() time.Time { return arrival.Add(time.Duration(clock.Load())) }
			other := newFixture(t, func(o *options) { o.Now = now })
			o := other.options.Intake.Options
			o.Now = func() time.Time { return now().Add(ahead) }
			first := &fixture{options: other.options, logs: other.logs}
			first.options.Intake = intake.New(o)
			var connected atomic.Bool
			cutOff := withSpool(t, first, filepath.Join(t.TempDir(), "spool"), func(o *intake.TakerOptions, _ *spool.Options) {
				o.CheckPlatform = func(ctx context.Context) error {
					if connected.Load() {
						return nil
					}
					return notYet(ctx)
				}
			})
			at := func(d time.Duration) {
				clock.Store(int64(d))
				other.redis.SetTime(arrival.Add(d))
			}
			status := func(message, id, status string) []byte {
				return event(org, message, "delivery_order/updated", fmt.Sprintf(`{"id":%q,"locationId":"loc_paris","status":%q,"lines":[{"id":"dl_1","quantity":1}]}`, id, status))
			}
			at(0)
			other.want(t, cutOff.post(t, status("msg_1", "do_1", "PENDING"), secret), spooled)
			other.want(t, other.post(t, status("msg_2", "do_2", "PENDING"), secret), taken)
			at(5 * time.Second)
			other.want(t, other.post(t, status("msg_3", "do_1", "OPENED"), secret), taken)
			other.want(t, cutOff.post(t, status("msg_4", "do_2", "OPENED"), secret), spooled)
			at(30 * time.Second)
			connected.Store(true)
			cutOff.awaitDirect()
			other.wantSeen(t, "msg_4", true)
			for _, id := range []string{"do_1", "do_2"} {
				if e, _, err := other.index.Get(t.Context(), org, id); err != nil || e.Status != "OPENED" {
					t.Errorf("%s is %s, %v, want what came later", id, e.Status, err)
				}
			}

		})
	}
}
