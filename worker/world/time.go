package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
)

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

// maxSteps is how many things may happen in one call: more means that something repeats for ever, which is an error.
const maxSteps = 5_000

// Advance moves the clock by d; everything that becomes due in between happens, in order.
func (w *World) Advance(ctx context.Context, d time.Duration) error {
	end := w.now.Add(d)
	for range maxSteps {
		at := w.nextDue(end)
		if at.After(end) {
			w.setClock(end)
			return nil
		}
		w.setClock(at)
		if err := w.runDue(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("more than %d steps in %s: %s", maxSteps, d, w.busiestTasks())
}

// RunUntilIdle advances the clock until no reassignment is in progress, at most by d.
func (w *World) RunUntilIdle(ctx context.Context, d time.Duration) error {
	begun := w.now
	for end := begun.Add(d); w.now.Before(end); {
		if err := w.Advance(ctx, 30*time.Second); err != nil {
			return err
		}
		busy, err := w.hasOpenWork(ctx, w.now.Sub(begun) < openWithin)
		if err != nil || !busy {
			return err
		}
	}
	return errors.New("still under way after " + d.String())
}

// openWithin is how long it may take until an incident is opened and has found its delivery orders, including a sweep.
const openWithin = 5 * time.Minute

func (w *World) hasOpenWork(ctx context.Context, early bool) (bool, error) {
	rows, err := w.Rows(ctx)
	if err != nil {
		return false, err
	}
	for _, r := range rows {
		if !r.State.IsAtRest() {
			return true, nil
		}
	}
	return len(rows) == 0 && early, nil
}

func (w *World) setClock(at time.Time) {
	if at.After(w.now) {
		w.now = at
		w.Redis.SetTime(at.Add(w.options.RedisSkew))
	}
}

func (w *World) nextDue(end time.Time) time.Time {
	at := end.Add(time.Nanosecond)
	for _, t := range []time.Time{w.nextScan, w.nextSweep} {
		if t.Before(at) {
			at = t
		}
	}
	if t, ok := w.Platform.NextDue(); ok && t.Before(at) {
		at = t
	}
	if t, ok := w.Queue.nextDue(); ok && t.Before(at) {
		at = t
	}
	if at.Before(w.now) {
		return w.now
	}
	return at
}

// runDue does everything that is due now.
func (w *World) runDue(ctx context.Context) error {
	w.Platform.RunDue()
	if !w.nextScan.After(w.now) {
		w.nextScan = w.now.Add(scanEvery)
		w.switchWorker()
		w.runUntilCrash(func() { _ = w.Incidents.ScanLeases(ctx, Org) }) // the next scan retries what failed
	}
	if !w.nextSweep.After(w.now) {
		interval := w.Incidents.Settings.Sweep
		w.nextSweep = w.now.Add(interval)
		if err := w.Queue.Submit(ctx, tasks.Sweep{V: tasks.Version, Organization: Org, Tick: w.now.UnixNano() / int64(interval)}, w.workerNow()); err != nil {
			return err
		}
	}
	if t := w.Queue.take(w.now); t != nil {
		w.switchWorker()
		return w.runTask(ctx, t)
	}
	return nil
}

// runTask runs one task and obeys its outcome as package worker does.
func (w *World) runTask(ctx context.Context, t *item) error {
	payload, err := tasks.Encode(t.message)
	if err != nil {
		return err
	}
	var out worker.Outcome
	w.running = t.message
	died := w.runUntilCrash(func() { out = w.Handlers[t.message.Kind()](ctx, payload) })
	w.running = nil
	w.Refusal.noteOutcome(out)
	if died {
		w.Queue.drop(t) // active in the queue, its worker dead: nobody runs it before the lease in the journal ends
		return w.buildWorker()
	}
	switch out.Kind {
	case worker.Requeue:
		w.Queue.finish(t)
		return w.Queue.Submit(ctx, out.Next, out.Until)
	case worker.Retryable:
		w.Queue.requeue(t, w.now.Add(2*time.Second))
	case worker.NeedsPerson:
		w.Queue.archive(t)
	default:
		w.Queue.finish(t)
	}
	return nil
}

// busiestTasks names the tasks that are due again and again, for the test's error.
func (w *World) busiestTasks() string {
	text := w.now.Format("15:04:05")
	for _, m := range w.Queue.dueMessages(w.now) {
		text += " " + m.ID()
	}
	return text
}
