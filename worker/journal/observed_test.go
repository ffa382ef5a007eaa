package journal_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
)

func observedBeside(t *testing.T, s *store) {
	s.open(t, journal.Draining)
	read := func() *journal.Incident {
		t.Helper()
		inc, err := s.Incident(t.Context(), s.org, "inc_1")
		must(t, err)
		return inc
	}
	notes := func(inc *journal.Incident, want bool) {
		t.Helper()
		if got, err := s.NoteObserved(t.Context(), inc); err != nil || got != want {
			t.Errorf("noted: %t, %v, want %t", got, err, want)
		}
	}
	first := read()
	first.Round, first.ErrorAt = 1, then
	notes(first, false) // that ERROR was read for the first time is news
	must(t, s.SaveIncident(t.Context(), first, then))
	seen := read()
	seen.Round, seen.Requests, seen.ErrorAt, seen.Index = 2, 3, then.Add(time.Hour), journal.IndexSnapshot{Last: then.Add(time.Minute), Known: 7}
	notes(seen, true)
	if diff := cmp.Diff(seen, read()); diff != "" {
		t.Errorf("it reads otherwise than it was observed (-observed +read):\n%s", diff)
	}
	changed := read()
	changed.SetGate(journal.Gate{Name: "pause", At: then, Pass: true, Detail: "not paused"})
	notes(changed, false)
	must(t, s.SaveIncident(t.Context(), changed, then.Add(time.Second)))
	if diff := cmp.Diff(changed, read()); diff != "" {
		t.Errorf("it reads otherwise than it was saved (-saved +read):\n%s", diff)
	}
	again := read()
	again.SetGate(journal.Gate{Name: "pause", At: then.Add(time.Hour), Pass: true, Detail: "not paused"})
	notes(again, true)
	seen.Round = 9
	notes(seen, false) // somebody saved it since
}

// meanwhile does something once, after the first command of a client.
type meanwhile struct {
	do   func()
	once sync.Once
}

func (h *meanwhile) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *meanwhile) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if name := cmd.Name(); name != "hello" && name != "client" {
			h.once.Do(h.do)
		}
		return err
	}
}

func (h *meanwhile) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func coolingOfTheNext(t *testing.T, s *store) {
	one, alone := s.rdb.(*redis.Client)
	if !alone {
		t.Skip("asked with one Redis")
	}
	closes := func(id string) {
		inc, err := s.Open(t.Context(), &journal.Incident{ID: id, Organization: s.org, LocationID: "loc_paris", State: journal.Draining, OpenedAt: then})
		must(t, err)
		inc.State, inc.ClosedAt, inc.DrainedAt = journal.Closed, then, then
		must(t, s.SaveIncident(t.Context(), inc, then))
	}
	closes("inc_1")
	client := redis.NewClient(one.Options())
	defer func() { _ = client.Close() }() // nothing is unwritten
	client.AddHook(&meanwhile{do: func() { closes("inc_2") }})
	if _, err := journal.New(client, request, 0).ClearCooldown(t.Context(), s.org, "loc_paris", "inc_1"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Cooldown(t.Context(), s.org, "loc_paris"); err != nil || got.Incident != "inc_2" {
		t.Errorf("the location cools for %q, %v, want inc_2", got.Incident, err)
	}
	if lifted, err := s.ClearCooldown(t.Context(), s.org, "loc_paris", "inc_2"); err != nil || !lifted {
		t.Errorf("lifted: %t, %v", lifted, err)
	}
	if lifted, err := s.ClearCooldown(t.Context(), s.org, "loc_paris", "inc_2"); err != nil || lifted {
		t.Errorf("lifted a second time: %t, %v", lifted, err)
	}
}
