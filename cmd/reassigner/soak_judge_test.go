//go:build soak

package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
)

// foreseen are the reasons that the seeded orders come to by themselves, whatever goes wrong. Any other one
// means that a fault, which heals, was put before an operator.
var foreseen = []journal.Reason{
	journal.AlreadyPreparing, journal.AlreadyShipped, journal.AggregatedOrders, journal.AmbiguousOrderLine, journal.NoCandidate,
}

// judge reads the platform's books against what "orders list --json" says, and everything that was written
// for what must not be there.
func (s *soak) judge(took time.Duration) {
	t := s.t
	t.Helper()
	var rows []sandbox.Row
	if err := json.Unmarshal(s.verb("orders", "list", "--json"), &rows); err != nil {
		t.Fatalf("reading the rows: %v", err)
	}
	books := s.platform.Books()
	verdict := sandbox.Judge(books, rows)
	if !verdict.Holds() {
		t.Errorf("the promises do not hold:\n%s%s", verdict, s.stories(s.named(verdict)))
	}
	s.complete(rows)
	s.foreseen()
	s.secrets()
	s.tell(took, books, rows)
}

// complete checks that each delivery order in flight has one row, at rest.
func (s *soak) complete(rows []sandbox.Row) {
	seen := map[string]int{}
	for _, row := range rows {
		seen[row.DeliveryOrderID]++
		if !journal.State(row.State).IsAtRest() {
			s.t.Errorf("%s is %s, want it at rest", row.DeliveryOrderID, row.State)
		}
	}
	for _, id := range s.inFlight {
		if seen[id] != 1 {
			s.t.Errorf("%s was in flight and has %d rows, want 1", id, seen[id])
		}
	}
}

func (s *soak) foreseen() {
	strange := s.records(func(r *journal.Reassignment) bool {
		return r.State != journal.Reassigned && !slices.Contains(foreseen, r.Reason)
	})
	if len(strange) > 0 {
		s.t.Errorf("%d delivery orders came to rest for a reason that nothing seeded gives:\n%s", len(strange), s.stories(strange))
	}
}

// secrets looks for the platform's free texts, names and tokens in the logs and in what Redis keeps.
func (s *soak) secrets() {
	for _, dir := range []string{s.dir, s.redis.Dir} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, canary := range append(sandbox.Canaries(), demo.SandboxOrganization(demo.Organization).ClientSecret) {
				if strings.Contains(string(text), canary) {
					s.t.Errorf("%s holds %q", path, canary)
				}
			}
			return nil
		})
		if err != nil {
			s.t.Error(err)
		}
	}
}

// named returns the records of the delivery orders that a verdict names.
func (s *soak) named(v sandbox.Verdict) []*journal.Reassignment {
	var ids []string
	for _, findings := range [][]sandbox.Finding{v.DoubleShipped, v.SentBeforeRelease, v.Lost, v.TouchedOthers, v.Unjustified, v.StrayDrafts, v.Forgotten} {
		for _, f := range findings {
			ids = append(ids, f.DeliveryOrder)
		}
	}
	return s.records(func(r *journal.Reassignment) bool {
		return slices.Contains(ids, r.Identity.DeliveryOrder) || slices.Contains(ids, r.Replacement.ID) ||
			slices.ContainsFunc(r.Replacement.Past, func(id string) bool { return slices.Contains(ids, id) })
	})
}

// tell prints what happened. A scenario in which nothing went wrong although it should have proves nothing.
func (s *soak) tell(took time.Duration, books sandbox.Books, rows []sandbox.Row) {
	states, reasons := map[string]int{}, map[string]int{}
	for _, row := range rows {
		states[row.State]++
		if row.Reason != "" {
			reasons[row.Reason]++
		}
	}
	lost := 0
	for _, e := range books.Entries {
		if e.ReplyLost && e.Applied {
			lost++
		}
	}
	s.t.Logf("seed %d: %d in flight, %v, in %.1f s; %d requests, %d answered 500, %d broken off, of them %d mutations after they were applied, "+
		"%d refused by the rate limit; %d kills, %d Redis restarts, %d wipes of the queue, %d webhooks unblocked; reasons %v",
		s.o.seed, len(s.inFlight), states, took.Seconds(), books.Requests["http"], s.failed.Load(), s.broken.Load(), lost,
		books.Throttled, s.tally.kills, s.tally.restarts, s.tally.wipes, s.tally.unblocked, reasons)
	if s.tally.faults && (s.failed.Load() == 0 || lost == 0) {
		s.t.Errorf("%d requests failed and %d replies were lost, want some of each", s.failed.Load(), lost)
	}
}
