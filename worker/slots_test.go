package worker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
)

// hanging is a handler that hangs for one organization, as behind a platform that does not answer, and counts.
type hanging struct {
	organization string
	release      chan struct{}

	mu       sync.Mutex
	atWork   int
	mostEver int
	done     map[string]int // by organization
}

func newHanging(organization string) *hanging {
	return &hanging{organization: organization, release: make(chan struct{}), done: map[string]int{}}
}

func (h *hanging) handle(_ context.Context, payload []byte) worker.Outcome {
	organization := tasks.Organization(payload)
	if organization == h.organization {
		h.mu.Lock()
		h.atWork++
		h.mostEver = max(h.mostEver, h.atWork)
		h.mu.Unlock()
		<-h.release
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if organization == h.organization {
		h.atWork--
	}
	h.done[organization]++
	return worker.Completed()
}

func (h *hanging) finished(organization string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.done[organization]
}

// within waits until a count is reached, and returns how long that took.
func within(t *testing.T, most time.Duration, what string, want int, count func() int) time.Duration {
	t.Helper()
	began := time.Now()
	for count() < want {
		if time.Since(began) > most {
			t.Fatalf("%s: %d after %s, want %d", what, count(), most, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

func TestAnOrganizationWhosePlatformHangsLeavesOthersTheirSlots(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		name  string
		slots int
		of    func(organization string, i int) tasks.Message
	}{
		{"handovers", 24, func(organization string, i int) tasks.Message {
			return tasks.Reassign{V: tasks.Version, Organization: organization, Reassignment: fmt.Sprint("inc_1/do_", i), At: 1}
		}},
		{"handovers that have begun", 24, func(organization string, i int) tasks.Message {
			return tasks.Reassign{V: tasks.Version, Organization: organization, Reassignment: fmt.Sprint("inc_1/do_", i), At: 1, Begun: true}
		}},
		{"observations", 6, func(organization string, i int) tasks.Message {
			return tasks.Observe{V: tasks.Version, Organization: organization, Location: fmt.Sprint("loc_", i), Message: "msg_1"}
		}},
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			h := newHanging("org_hangs")
			b := newFixtureFor(t, 2, map[tasks.Kind]worker.Handler{kind.of("", 0).Kind(): h.handle})
			b.start(t)
			released := sync.OnceFunc(func() { close(h.release) })
			defer released()
			const many = 100 // far more than there are slots
			for i := range many {
				b.submit(t, kind.of("org_hangs", i))
			}
			within(t, 30*time.Second, "those that hang", kind.slots, func() int { h.mu.Lock(); defer h.mu.Unlock(); return h.atWork })
			for i := range many {
				b.submit(t, kind.of("org_works", i))
			}
			took := within(t, 30*time.Second, "those of the other organization", many, func() int { return h.finished("org_works") })
			t.Logf("%d of the other organization took %s", many, took)
			released()
			within(t, 30*time.Second, "those that hung", many, func() int { return h.finished("org_hangs") })
			if h.mostEver != kind.slots {
				t.Errorf("%d hung at the same time, want %d", h.mostEver, kind.slots)
			}
			for i := range many {
				if info := b.wait(t, kind.of("org_hangs", i), asynq.TaskStateCompleted); info.Retried > 0 {
					t.Errorf("%d retries of %s are used up by waiting", info.Retried, info.ID)
				}
			}
		})
	}
}

func TestAloneAnOrganizationHasEverySlot(t *testing.T) {
	t.Parallel()
	h := newHanging("org_1")
	b := newFixture(t, map[tasks.Kind]worker.Handler{tasks.OrderReassign: h.handle})
	b.start(t)
	defer close(h.release)
	for i := range 30 {
		m := reassign
		m.At = int64(i)
		b.submit(t, m)
	}
	within(t, 30*time.Second, "those at work", 24, func() int { h.mu.Lock(); defer h.mu.Unlock(); return h.atWork })
	retry, err := b.inspector.ListRetryTasks(tasks.QueueStart)
	if err != nil || len(retry) > 0 {
		t.Errorf("%d came back, want none, %v", len(retry), err)
	}
}
