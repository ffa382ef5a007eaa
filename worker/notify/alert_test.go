package notify_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/world"
)

// recordingTarget is a target that keeps what it hears. While it is broken nothing arrives.
type recordingTarget struct {
	mu     sync.Mutex
	heard  []notify.Message
	tries  int
	broken bool
	hang   chan struct{} // what a message waits for, if not nil
}

func (e *recordingTarget) Send(ctx context.Context, m notify.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tries++
	if e.hang != nil {
		e.mu.Unlock()
		select {
		case <-e.hang:
		case <-ctx.Done():
		}
		e.mu.Lock()
	}
	if e.broken {
		return notify.Unreachable
	}
	e.heard = append(e.heard, m)
	return nil
}

// take returns the titles heard since it was last asked.
func (e *recordingTarget) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var titles []string
	for _, m := range e.heard {
		titles = append(titles, m.Title)
	}
	e.heard = nil
	return titles
}

// story is a world with somebody who is told.
type story struct {
	*world.World
	t   *testing.T
	rdb *redis.Client
	log bytes.Buffer
	a   *notify.Alerts
}

func tell(t *testing.T, orders int, o world.Options, ears ...*recordingTarget) *story {
	t.Helper()
	w, err := world.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	s := &story{World: w, t: t, rdb: redis.NewClient(&redis.Options{Addr: w.Redis.Addr()})}
	t.Cleanup(func() { s.rdb.Close() })
	sandbox.Seed(w.Platform, sandbox.SeedOptions{Organization: world.Org, Orders: orders, Seed: 3})
	s.a = s.process(ears...)
	s.pass(time.Second)
	return s
}

// process is the alerts of one more worker process.
func (s *story) process(ears ...*recordingTarget) *notify.Alerts {
	a := &notify.Alerts{Journal: s.Journal, Index: s.Index, Gates: s.Incidents, Redis: s.rdb, Organizations: []string{world.Org},
		Settings: notify.Settings{Remind: 30 * time.Minute, Silence: 24 * time.Hour, Settle: 2 * time.Minute},
		Now:      s.Now, Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	for _, e := range ears {
		a.Targets = append(a.Targets, notify.Target{Name: "alerts.targets", Service: "ear", Sender: e})
	}
	return a
}

// pass lets time pass, with a round of the alerts every 5 s.
func (s *story) pass(d time.Duration) {
	s.t.Helper()
	for end := s.Now().Add(d); s.Now().Before(end); {
		if err := s.Advance(s.t.Context(), min(5*time.Second, end.Sub(s.Now()))); err != nil {
			s.t.Fatal(err)
		}
		if err := s.a.Evaluate(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		s.a.Wait()
	}
}

func (s *story) heard(e *recordingTarget, want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, e.take()); diff != "" {
		s.t.Errorf("at %s (-want +got):\n%s", s.Now().Format("15:04:05"), diff)
	}
}

func TestAnIncidentIsToldFromItsOpeningToItsReport(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 40, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }}, ops)
	s.Platform.Break(sandbox.Paris)
	s.pass(2 * time.Minute)
	s.heard(ops) // the event is a hint
	s.pass(time.Minute)
	s.heard(ops, "paris-warehouse failed and waits for approval: nothing moves until somebody approves")
	s.pass(31 * time.Minute)
	s.heard(ops, "Reminder: paris-warehouse still waits for a person")
	if err := s.Approve(t.Context(), 0, handover.Actor{User: "ops", Reason: "looks right"}); err != nil {
		t.Fatal(err)
	}
	s.pass(5 * time.Minute)
	s.heard(ops, "paris-warehouse goes on: its delivery orders are handed over", "paris-warehouse: 10 delivery orders need a person")
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(5 * time.Minute)
	s.heard(ops, "paris-warehouse works again, the incident is closed: 17 moved, 10 left")
	s.pass(40 * time.Minute)
	s.heard(ops)
}

// TestAnUrgentRowIsToldOfHoweverManyThereAreAlready has somebody send our replacements one after another, more than
// one message names; the last has the highest id.
func TestAnUrgentRowIsToldOfHoweverManyThereAreAlready(t *testing.T) {
	t.Parallel()
	const named = 20
	ops := &recordingTarget{}
	s := tell(t, 90, world.Options{Incident: func(i *incident.Settings) { i.Canary = 0 }}, ops)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	rows, err := s.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows = slices.DeleteFunc(rows, func(r *journal.Reassignment) bool { return r.State != journal.ConfirmingRelease })
	slices.SortFunc(rows, func(a, b *journal.Reassignment) int {
		return strings.Compare(a.Identity.DeliveryOrder, b.Identity.DeliveryOrder)
	})
	if len(rows) <= named {
		t.Fatalf("%d releases are under way, want more than %d", len(rows), named)
	}
	sent := func(rows ...*journal.Reassignment) {
		for _, r := range rows {
			for _, act := range []func(string) error{s.Platform.PersonOpen, s.Platform.PersonRequest, s.Platform.WarehouseAccept} {
				if err := act(r.Replacement.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		s.pass(time.Minute)
	}
	last := rows[len(rows)-1]
	sent(rows[:named]...)
	ops.take()
	sent(last)
	ops.mu.Lock()
	heard := ops.heard
	ops.mu.Unlock()
	if len(heard) != 1 || !heard[0].Urgent || !strings.Contains(heard[0].Text, last.Identity.DeliveryOrder) {
		t.Errorf("want one urgent message that names %s, got %+v", last.Identity.DeliveryOrder, heard)
	}
}

func TestWhenEveryLocationErrsNothingMovesAndOneMessageSaysSo(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 40, world.Options{}, ops)
	for _, name := range []string{sandbox.Paris, sandbox.Lyon, sandbox.Lille} {
		s.Platform.Break(name)
	}
	s.pass(25 * time.Minute) // a reminder comes after 30
	s.heard(ops, "3 locations failed and are blocked: nothing new begins")
	for _, e := range s.Platform.Books().Entries {
		if strings.HasPrefix(e.Actor, "api:") {
			t.Errorf("the books have %s of ours on %s", e.Operation, e.DeliveryOrder)
		}
	}
	if v, err := s.Judge(t.Context()); err != nil || !v.Holds() {
		t.Errorf("the judge sees: %v %s", err, v)
	}
}

func TestATargetThatFailsIsTriedEverMoreRarelyAndTheOthersAreTold(t *testing.T) {
	t.Parallel()
	ops, lost := &recordingTarget{}, &recordingTarget{broken: true}
	s := tell(t, 10, world.Options{}, lost, ops)
	s.Platform.Break(sandbox.Paris)
	s.pass(30 * time.Minute)
	if got := len(ops.take()); got == 0 {
		t.Error("the target that works heard nothing")
	}
	if lost.tries < 5 || lost.tries > 12 {
		t.Errorf("the target that fails was tried %d times in half an hour, want it ever more rarely, up to every 5 minutes", lost.tries)
	}
	states, err := notify.TargetStates(t.Context(), s.rdb, s.a.Targets)
	if err != nil {
		t.Fatal(err)
	}
	if got := states[0]; got.Error != "cannot be reached" || got.FailingSince == nil || got.Failures != lost.tries || got.SentAt != nil {
		t.Errorf("the state of the target that fails is %+v", got)
	}
	if got := states[1]; got.Error != "" || got.FailingSince != nil || got.SentAt == nil {
		t.Errorf("the state of the target that works is %+v", got)
	}
	if !strings.Contains(s.log.String(), "alert could not be sent; will retry") {
		t.Error("the log does not tell")
	}
	lost.broken = false
	s.pass(6 * time.Minute)
	s.heard(lost, "paris-warehouse failed: its delivery orders are handed over", "paris-warehouse: 3 delivery orders need a person")
	s.heard(ops)
}

func TestATargetThatHangsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	ops, stuck := &recordingTarget{}, &recordingTarget{hang: make(chan struct{})}
	s := tell(t, 10, world.Options{}, stuck, ops)
	s.Platform.Break(sandbox.Paris)
	for range 60 { // 5 minutes
		if err := s.Advance(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := s.a.Evaluate(t.Context()); err != nil {
			t.Fatal(err)
		}
		for busy := true; busy; { // until all but the stuck one are done
			time.Sleep(time.Millisecond)
			busy = s.a.Speaking() > min(stuck.tried(), 1)
		}
	}
	if got := len(ops.take()); got == 0 {
		t.Error("the other target heard nothing")
	}
	if got := stuck.tried(); got != 1 {
		t.Errorf("the stuck target was sent %d messages at once, want 1", got)
	}
	close(stuck.hang)
	s.a.Wait()
	v, err := s.Judge(t.Context())
	if err != nil || !v.Holds() {
		t.Errorf("the judge sees: %v %s", err, v)
	}
}

func (e *recordingTarget) tried() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tries
}

func TestOneProcessSpeaks(t *testing.T) {
	t.Parallel()
	here, there := &recordingTarget{}, &recordingTarget{}
	s := tell(t, 10, world.Options{}, here)
	other := s.process(there)
	s.Platform.Break(sandbox.Paris)
	for range 12 * 5 {
		s.pass(5 * time.Second)
		if err := other.Evaluate(t.Context()); err != nil {
			t.Fatal(err)
		}
		other.Wait()
	}
	if got := len(here.take()); got != 2 {
		t.Errorf("the process with the lease told %d messages, want 2", got)
	}
	s.heard(there)
	s.Redis.FastForward(time.Minute) // the first process dies, and its lease ends
	s.Platform.Recover(sandbox.Paris, true)
	for range 12 * 5 {
		if err := s.Advance(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := other.Evaluate(t.Context()); err != nil {
			t.Fatal(err)
		}
		other.Wait()
	}
	if got := there.take(); len(got) != 1 || !strings.Contains(got[0], "the incident is closed") {
		t.Errorf("the other process told %q, want the end alone", got)
	}
}

func TestWhatWasTellingWhenTheProcessDiedIsToldAgain(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 10, world.Options{}, ops)
	s.Platform.Break(sandbox.Paris)
	s.pass(145 * time.Second)
	ctx, die := context.WithCancel(t.Context())
	ops.hang = make(chan struct{})
	for ops.tried() == 0 {
		if err := s.Advance(ctx, 5*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := s.a.Evaluate(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	die()
	s.a.Wait()
	ops.take()
	ops.hang = nil
	s.pass(time.Second)
	s.heard(ops, "paris-warehouse failed: its delivery orders are handed over")
}

func TestNothingIsLeftInRedisOfWhatIsOver(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 0, world.Options{}, ops)
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(5 * time.Minute)
	for _, k := range s.Redis.Keys() {
		if strings.Contains(k, ":told:") {
			t.Errorf("%s is left", k)
		}
	}
}

// TestARecordThatBecomesUnreadableUnderWayIsTold has the lease scan meet it. Nothing of it is under way any more, so the
// incident is over with the recovery.
func TestARecordThatBecomesUnreadableUnderWayIsTold(t *testing.T) {
	t.Parallel()
	ops := &recordingTarget{}
	s := tell(t, 1, world.Options{}, ops)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
	s.Platform.Break(sandbox.Paris)
	s.pass(3 * time.Minute)
	rows, err := s.Rows(t.Context())
	if err != nil || len(rows) != 1 || rows[0].State != journal.ConfirmingRelease {
		t.Fatalf("%v, %v, want one that waits for its confirmation", rows, err)
	}
	ops.take()
	s.Redis.HSet("reassigner:{"+world.Org+"}:re:"+rows[0].Identity.ID, "body", "{")
	s.pass(6 * time.Minute)
	s.heard(ops, "paris-warehouse: 1 delivery order needs a person")
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(2 * time.Minute)
	inc, err := s.Incident(t.Context())
	if err != nil || inc.State != journal.Closed || inc.Report.NeedsPerson[journal.JournalCorrupt] != 1 {
		t.Errorf("the incident is %s with %+v, %v", inc.State, inc.Report, err)
	}
}
