package journal_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"happycolis-reassigner/worker/journal"
)

var racing = []story{
	{"of 64 that write one version one wins", oneWinner},
	{"counts stay the sum of the rows under 64 writers", countsUnderWriters},
}

func oneWinner(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	for version := int64(1); version <= 3; version++ {
		var wg sync.WaitGroup
		won := make(chan string, 64)
		for i := range 64 {
			wg.Go(func() {
				mine := *r
				mine.Version, mine.Decision.To = version, fmt.Sprint("winner ", i)
				err := s.Save(t.Context(), &mine, then)
				if err == nil {
					won <- mine.Decision.To
				} else if !errors.Is(err, journal.ErrObsolete) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("version %d was overwritten %d times, want once", version, len(won))
		}
		got := s.stored(t, r.Identity.ID)
		if winner := <-won; got.Version != version+1 || got.Decision.To != winner {
			t.Errorf("stored is %q at version %d, want %q at %d", got.Decision.To, got.Version, winner, version+1)
		}
	}
}

func countsUnderWriters(t *testing.T, s *store) {
	const rows, writers, writes = 5, 64, 6
	ids := make([]string, rows)
	for i := range ids {
		ids[i] = s.enroll(t, fmt.Sprint("do_", i)).Identity.ID
	}
	var mu sync.Mutex
	wins := map[string]int64{}
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(i), 1))
			for range writes {
				id := ids[dice.IntN(rows)]
				r, err := s.Get(t.Context(), s.org, id)
				if err != nil {
					t.Error(err)
					return
				}
				read := r.Version
				r.State = journal.States()[dice.IntN(len(journal.States()))]
				switch err := scribble(t, s, r, dice.IntN(4)); {
				case err == nil:
					mu.Lock()
					wins[fmt.Sprint(id, " ", read)]++
					mu.Unlock()
				case !errors.Is(err, journal.ErrObsolete):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := map[journal.State]int{}
	versions := int64(0)
	for _, id := range ids {
		r := s.stored(t, id)
		want[r.State]++
		versions += r.Version - 1
	}
	wantCounts(t, s, want)
	for version, n := range wins {
		if n != 1 {
			t.Errorf("%s was overwritten %d times, want once", version, n)
		}
	}
	if versions != int64(len(wins)) {
		t.Errorf("the versions rose by %d, %d writes said they won", versions, len(wins))
	}
}

// scribble writes r in one of four ways.
func scribble(t *testing.T, s *store, r *journal.Reassignment, way int) error {
	switch way {
	case 0:
		return s.Save(t.Context(), r, then)
	case 1:
		_, err := s.Park(t.Context(), r, then, then)
		return err
	case 2:
		return s.Requeue(t.Context(), r, then)
	default:
		return s.toRest(t, r)
	}
}
