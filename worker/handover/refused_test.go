package handover_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/worker/world"
)

// TestARefusalOfRedisIsToldAndMadeUpFor refuses requests to Redis in the stories of the crash matrix, one at a time:
// of each kind in each kind of task the first that there is. The task says so, as its outcome or in the log, and what
// it could not do is made up for. Nothing is taken for granted that was not read.
func TestARefusalOfRedisIsToldAndMadeUpFor(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, story := range stories {
		for _, nth := range firstsOf(t, story.tell, seen) {
			t.Run(fmt.Sprint(story.name, ", request ", nth), func(t *testing.T) {
				t.Parallel()
				var log strings.Builder
				s := newShop(t, world.Options{Policy: byStock, Log: &log})
				s.Refusal = &world.Refusal{Nth: nth}
				story.tell(s)
				r := s.Refusal
				if r.Outcome == nil {
					t.Fatalf("no task met the refusal of request %d", nth)
				}
				asked := r.Commands[len(r.Commands)-1]
				if !errors.Is(r.Outcome.Err, world.ErrRefused) && !strings.Contains(log.String(), world.ErrRefused.Error()) {
					t.Errorf("%s was refused, and nobody was told; the task ended with %+v", asked, r.Outcome)
				}
				s.holds()
				s.balances()
				if end := s.end("1"); !slices.Contains(story.wants, end) {
					t.Errorf("%s was refused, and it ended as %q, want one of %q\n%s", asked, end, story.wants, s.story())
				}
			})
		}
	}
}

// end is the state of a row, with its reason.
func (s *fixture) end(id string) string {
	r := s.row(id)
	if r.Reason == "" {
		return string(r.State)
	}
	return string(r.State) + ": " + string(r.Reason)
}

// firstsOf are the numbers of the requests of a story of which no such was seen yet.
func firstsOf(t *testing.T, tell func(*fixture), seen map[string]bool) (firsts []int) {
	t.Helper()
	s := newShop(t, world.Options{Policy: byStock})
	s.Refusal = &world.Refusal{}
	tell(s)
	for i, asked := range s.Refusal.Commands {
		if !seen[asked] {
			seen[asked] = true
			firsts = append(firsts, i+1)
		}
	}
	return firsts
}
