package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"happycolis-reassigner/worker/intake/spool"
)

// Limits of applying what is in the spool.
const (
	drainBatch      = 256 // events that are in memory at once
	drainParallel   = 64  // of them that are applied side by side
	drainTry        = 10 * time.Second
	drainFirstPause = 250 * time.Millisecond // after a failure; doubles
	drainMaxPause   = 2 * time.Second
	takeOverEvery   = 10 * time.Second
	triesBeforeKept = 5 // of one event that Redis refuses for itself
)

// Run applies what is in the spool, in order, whenever Redis is there, until the context ends. It also takes over what
// processes that are gone have left in the folder. Without a spool it returns at once.
func (t *Taker) Run(ctx context.Context) {
	if t.Spool == nil {
		return
	}
	pause := drainFirstPause
	for ctx.Err() == nil {
		err := t.drain(ctx)
		wait := takeOverEvery
		if err == nil {
			pause = drainFirstPause
		} else {
			t.setFailure(err)
			if pause == drainFirstPause && ctx.Err() == nil {
				t.Log.WarnContext(ctx, "spooled events wait; will retry", "count", t.Spool.Stats().Waiting, "error", err)
			}
			wait, pause = pause, min(2*pause, drainMaxPause)
		}
		t.await(ctx, wait, err == nil)
	}
}

// await waits for a time or, if so asked, until an event is put into the spool.
func (t *Taker) await(ctx context.Context, d time.Duration, orWake bool) {
	wake := t.wake
	if !orWake {
		wake = nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// drain applies everything in the spool.
func (t *Taker) drain(ctx context.Context) error {
	if time.Since(t.tookOver) >= takeOverEvery {
		if err := t.Spool.TakeOver(); err != nil {
			t.Log.WarnContext(ctx, "looking for events of processes that are gone failed; will retry", "error", err)
		}
		t.tookOver = time.Now()
	}
	t.mu.Lock()
	t.spooling = t.spooling || t.Spool.Stats().Waiting > 0
	due := t.spooling
	t.mu.Unlock()
	if !due {
		return nil
	}
	if t.CheckPlatform != nil {
		check, cancel := context.WithTimeout(ctx, drainTry)
		err := t.CheckPlatform(check)
		cancel()
		if err != nil {
			return err
		}
	}
	if err := t.compareClocks(ctx); err != nil {
		return err
	}
	count := 0
	for ctx.Err() == nil {
		t.awaitApplying()
		records, err := t.Spool.Read(drainBatch)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			if t.endSpooling() {
				if count > 0 {
					t.Log.InfoContext(ctx, "all spooled events are applied", "count", count)
				}
				return nil
			}
			t.await(ctx, drainFirstPause, true)
			continue
		}
		done, err := t.applyRecords(ctx, records)
		if err := errors.Join(err, t.Spool.Done(records[:done])); err != nil {
			return err
		}
		count += done
	}
	return ctx.Err()
}

// clockStep is how far the clocks have to move against each other to be compared anew. Below it, what a comparison finds is
// the time of its round trip, and events of one process that came within that time would change places.
const clockStep = time.Second

// compareClocks notes how far Redis's clock is ahead of ours, which stamped what is in the spool.
func (t *Taker) compareClocks(ctx context.Context) error {
	try, cancel := context.WithTimeout(ctx, drainTry)
	defer cancel()
	at, err := t.Intake.Redis.Time(try).Result()
	if err != nil {
		return fmt.Errorf("asking Redis for its time: %w", err)
	}
	if ahead := at.Sub(t.Intake.Now()); (ahead - t.redisAhead).Abs() >= clockStep {
		t.redisAhead = ahead
	}
	return nil
}

// spooled is an event from the spool that is not done.
type spooled struct {
	record   spool.Record
	position int // among those that were read
	arrival  Arrival
	tries    int
	failure  error
}

// applyRecords applies each record once, and tries again those that failed until none did or the context ends. What cannot
// be applied is set aside. It returns how many of the first are done.
func (t *Taker) applyRecords(ctx context.Context, records []spool.Record) (done int, err error) {
	var left []*spooled
	for i, r := range records {
		arrival, ok := t.decode(r)
		if ok {
			left = append(left, &spooled{record: r, position: i, arrival: arrival})
		} else if err := t.setAside(ctx, r, "it is of an organization that is not configured", arrival.Organization); err != nil {
			return 0, err
		}
	}
	for pause := drainFirstPause; ; pause = min(2*pause, drainMaxPause) {
		before := len(left)
		left = t.applyRound(ctx, left)
		if len(left) == 0 {
			return len(records), nil
		}
		done = left[0].position
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		if len(left) < before {
			pause = drainFirstPause
		}
		if left, err = t.setAsideRefused(ctx, left); err != nil {
			return done, err
		}
		t.await(ctx, pause, false)
	}
}

// decode reads an event from the spool; false: nobody here may apply it. One that does not keep the bounds of the door is
// parked, as it would have been there.
func (t *Taker) decode(r spool.Record) (Arrival, bool) {
	var a Arrival
	err := json.Unmarshal(r.Body, &a)
	if !slices.Contains(t.Organizations, a.Organization) {
		return a, false
	}
	if err == nil {
		err = a.checkBounds()
	}
	if err != nil {
		return Arrival{At: r.At, Road: a.Road, Organization: a.Organization, Parked: parkedOf(r.At, r.Body, "", reasonUndecodable)}, true
	}
	return a, true
}

// applyRound tries every event once, and returns those that are not done. Events about one thing are applied in order, and
// while Redis refuses the first of all, the others are not tried.
func (t *Taker) applyRound(ctx context.Context, events []*spooled) []*spooled {
	if len(events) == 0 || !t.applyOne(ctx, events[0]) && !isRefusal(events[0].failure) {
		return events
	}
	rest := events
	if events[0].failure == nil {
		rest = events[1:]
	}
	bySubject := map[string][]*spooled{}
	for _, e := range rest {
		subject := e.arrival.subject()
		bySubject[subject] = append(bySubject[subject], e)
	}
	var mu sync.Mutex
	failed := map[*spooled]bool{}
	var group errgroup.Group
	group.SetLimit(drainParallel)
	for _, about := range bySubject {
		group.Go(func() error {
			for i, e := range about {
				if e == events[0] || !t.applyOne(ctx, e) {
					mu.Lock()
					defer mu.Unlock()
					for _, e := range about[i:] {
						failed[e] = true
					}
					return nil
				}
			}
			return nil
		})
	}
	_ = group.Wait() // each event has its own error
	return slices.DeleteFunc(slices.Clone(rest), func(e *spooled) bool { return !failed[e] })
}

// applyOne reports whether an event is done.
func (t *Taker) applyOne(ctx context.Context, e *spooled) bool {
	try, cancel := context.WithTimeout(ctx, drainTry)
	defer cancel()
	_, e.failure = t.Intake.ApplyLate(try, e.arrival, t.redisAhead)
	e.tries++
	if !isRefusal(e.failure) {
		t.setFailure(e.failure)
	}
	return e.failure == nil
}

// setAsideRefused sets aside the events that Redis refused again and again for themselves, and returns the others.
func (t *Taker) setAsideRefused(ctx context.Context, events []*spooled) (left []*spooled, err error) {
	for _, e := range events {
		if e.tries < triesBeforeKept || !isRefusal(e.failure) {
			left = append(left, e)
			continue
		}
		if err := t.setAside(ctx, e.record, e.failure.Error(), e.arrival.Organization); err != nil {
			return nil, err
		}
	}
	return left, nil
}

func (t *Taker) setAside(ctx context.Context, r spool.Record, why, organization string) error {
	if err := t.Spool.SetAside(r); err != nil {
		return err
	}
	t.Log.ErrorContext(ctx, "a spooled event is kept and not applied; the next process that starts tries it again", "organization", organization, "why", why)
	return nil
}

// isRefusal reports whether Redis surely refuses this one event, as where a key has another type. While it is full, a
// replica, or cut off from its replicas, it refuses every event, also from within a script.
func isRefusal(err error) bool {
	var reply redis.Error
	if !errors.As(err, &reply) || !strings.HasPrefix(reply.Error(), "WRONGTYPE ") && !strings.HasPrefix(reply.Error(), "ERR ") {
		return false
	}
	return !slices.ContainsFunc([]string{"READONLY", "OOM", "NOREPLICAS", "MISCONF", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY"},
		func(word string) bool { return strings.Contains(reply.Error(), word) })
}
