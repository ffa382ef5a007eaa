package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// What a standstill of Redis has to be for a webhook to be refused over it.
const (
	// refusable is how long, at least: the receiver's patience of 3 s, less the one try, of a second at most, that may
	// hang when Redis comes back.
	refusable = 2 * time.Second
	// stalled is how long the machine stands still, at least, where it is to blame: what is left of the patience after an
	// outage is a second.
	stalled = 400 * time.Millisecond
	// forgiven is how long after its end either is no excuse any more.
	forgiven = 5 * time.Second
)

// standstill is how long Redis took no writes, the last time, and when the machine stood still.
type standstill struct {
	mu         sync.Mutex
	began, end time.Time // the last write that was taken before, the last that was refused
	why        string
	stall      time.Duration
	stallEnd   time.Time
}

func (s *standstill) refused(began time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began, s.end, s.why = began, time.Now(), err.Error()
}

// slept notes how long a sleep of trialLook took.
func (s *standstill) slept(took time.Duration) {
	if took < trialLook+stalled {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stall, s.stallEnd = took, time.Now()
}

// excuses reports whether a webhook may be refused over it: over writes that were not taken where Redis fails by
// itself. Said tells of it.
func (s *standstill) excuses(fails bool) (excuses bool, said string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stall > 0 && time.Since(s.stallEnd) < forgiven {
		return true, fmt.Sprintf("the machine stood still for %s", s.stall)
	}
	took := s.end.Sub(s.began)
	return fails && took >= refusable && time.Since(s.end) < forgiven, fmt.Sprintf("Redis took no writes for %s (%s)", took, s.why)
}

// watchWrites notes, until the test ends, how long Redis takes no writes and when the machine stands still.
func (w *processFixture) watchWrites() {
	w.Helper()
	client, err := app.DialRedis(w.store.url, nil, app.PromptRedis)
	if err != nil {
		w.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for taken := time.Now(); w.Context().Err() == nil; {
			try, stop := context.WithTimeout(w.Context(), refusable/4)
			if err := client.Set(try, "trial:standstill", 1, 0).Err(); err == nil {
				taken = time.Now()
			} else {
				w.standstill.refused(taken, err)
			}
			stop()
			asleep := time.Now()
			time.Sleep(trialLook)
			w.standstill.slept(time.Since(asleep))
		}
	}()
	w.Cleanup(func() { <-ended; _ = client.Close() }) // nothing is unwritten
}

// goOn unblocks the queues that a failover blocked: until the new master has a replica it takes no writes, which lasts
// seconds as a rule and 20 on a busy machine; the webhook that has waited 3 s for it is refused, and the platform stops
// until somebody comes. So it does where the machine stands still for the second that an outage leaves of those three. A
// queue that stopped for anything else fails the test.
func (w *processFixture) goOn() {
	w.Helper()
	for _, o := range w.cfg.Organizations {
		id := o.Credentials.Organization
		blocked, why := w.platform.Blocked(id)
		if !blocked {
			continue
		}
		excused, standstill := w.standstill.excuses(w.store.midway != nil)
		if !excused || !strings.HasSuffix(why, ": HTTP 503") {
			w.Fatalf("the platform's queue is blocked: %s; %s", why, standstill)
		}
		w.Logf("%s, and the queue of %s was blocked: %s", standstill, id, why)
		w.platform.Unblock(id, true)
	}
}

// remembered are the rows, as if a failover had lost nothing. Whose create the dead master alone knew of rests as
// over_allocated, and names the DRAFT.
func (w *processFixture) remembered(rows []api.OrderRow) []api.OrderRow {
	w.Helper()
	if w.store.midway == nil {
		return rows
	}
	rows = slices.Clone(rows)
	for i, row := range rows {
		if row.Reason == nil || *row.Reason != string(journal.OverAllocated) || row.ReplacementID == nil {
			continue
		}
		w.Logf("the failover lost who made %s", *row.ReplacementID)
		rows[i].State, rows[i].Reason = journal.Reassigned, nil
	}
	return rows
}
