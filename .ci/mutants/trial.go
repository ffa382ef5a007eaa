package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// fate is what became of a mutant.
type fate int

const (
	untried   fate = iota
	undecided      // the likely tests did not notice it; the others were not tried yet
	survived       // no test that reaches it notices it
	unreached      // no test reaches it
	killed         // a test failed
	hung           // a test took too long
)

// trial tries mutants against tests. The tests that noticed others of the same function, and of the same file, come
// first; then the quick ones.
type trial struct {
	*built
	targets []target
	workers int
	say     func(format string, args ...any)

	mu     sync.Mutex
	fates  map[*mutant]fate
	by     map[*mutant]*unit
	kills  map[string]map[*unit]int // by function, and by file
	tried  map[*mutant]map[*unit]bool
	broken map[*unit]bool // they fail without any mutant
	done   int
	told   time.Time // when it was said how many are done
}

func newTrial(b *built, targets []target, workers int, say func(string, ...any)) *trial {
	return &trial{built: b, targets: targets, workers: workers, say: say, fates: map[*mutant]fate{}, by: map[*mutant]*unit{},
		kills: map[string]map[*unit]int{}, tried: map[*mutant]map[*unit]bool{}, broken: map[*unit]bool{}}
}

const (
	likely    = 15 // tests are tried on a mutant until it has to let the others go first
	toldEvery = time.Minute
)

// run tries the mutants, as many as can be tried until ctx ends, on the likely tests only if quick.
func (t *trial) run(ctx context.Context, mutants []*mutant, quick bool) error {
	for round, most := range []int{likely, math.MaxInt} {
		if round > 0 && quick {
			break
		}
		var left []*mutant
		for _, m := range mutants {
			if f := t.fates[m]; f == untried || f == undecided {
				left = append(left, m)
			}
		}
		if round > 0 && len(left) > 0 {
			t.say("%d mutants are not noticed by the likely tests; now all others", len(left))
		}
		t.done = 0
		if err := t.round(ctx, left, most); err != nil {
			return err
		}
	}
	return nil
}

// round tries each mutant on so many tests at the most.
func (t *trial) round(ctx context.Context, mutants []*mutant, most int) error {
	work := make(chan *mutant)
	var failure error
	var wg sync.WaitGroup
	for range t.workers {
		wg.Go(func() {
			for m := range work {
				err := t.try(ctx, m, most)
				t.mu.Lock()
				if t.done++; time.Since(t.told) > toldEvery {
					t.told = time.Now()
					t.say("%d of %d tried", t.done, len(mutants))
				}
				if err != nil && ctx.Err() == nil && failure == nil {
					failure = err
				}
				t.mu.Unlock()
			}
		})
	}
	for _, m := range mutants {
		t.mu.Lock()
		stop := failure != nil || ctx.Err() != nil
		t.mu.Unlock()
		if stop {
			break
		}
		work <- m
	}
	close(work)
	wg.Wait()
	return failure
}

// try runs one test after the other, until one fails.
func (t *trial) try(ctx context.Context, m *mutant, most int) error {
	for n := 0; ; n++ {
		u, took, err := t.next(ctx, m)
		switch {
		case err != nil:
			return err
		case u == nil && t.wasTried(m):
			t.decide(m, survived, nil)
			return nil
		case u == nil:
			t.decide(m, unreached, nil)
			return nil
		case n == most:
			t.decide(m, undecided, nil)
			return nil
		}
		r, err := u.run(ctx, slack+timeFactor*took, fmt.Sprint("MUTANT=", m.id), "MUTANT_EDIT="+m.edit)
		switch {
		case err != nil:
			return err
		case r.failed:
			t.decide(m, killed, u)
			return nil
		case r.late:
			t.decide(m, hung, u)
			return nil
		}
		t.mu.Lock()
		if t.tried[m] == nil {
			t.tried[m] = map[*unit]bool{}
		}
		t.tried[m][u] = true
		t.mu.Unlock()
	}
}

func (t *trial) wasTried(m *mutant) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.tried[m]) > 0
}

func (t *trial) decide(m *mutant, f fate, by *unit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fates[m], t.by[m] = f, by
	if by == nil {
		return
	}
	delete(t.tried, m)
	for _, key := range []string{m.function(), m.file} {
		if t.kills[key] == nil {
			t.kills[key] = map[*unit]int{}
		}
		t.kills[key][by]++
	}
}

// function is the file and the function of a mutant.
func (m *mutant) function() string {
	name, _, _ := strings.Cut(m.key, ": ")
	return name
}

// next is the test to try next on a mutant, and how long it takes without: one that reaches the mutant and was not
// tried; nil if there is no more.
func (t *trial) next(ctx context.Context, m *mutant) (*unit, time.Duration, error) {
	skip := map[*unit]bool{}
	for {
		u := t.likeliest(m, skip)
		if u == nil {
			return nil, 0, nil
		}
		is, err := u.measured(ctx)
		if err != nil {
			return nil, 0, err
		}
		if is.failure != "" {
			t.leaveOut(u)
		} else if is.parts == nil && is.seen[m.id] == 1 {
			return u, is.took, nil
		}
		skip[u] = true
	}
}

// leaveOut notes that a test fails without any mutant: it can judge none.
func (t *trial) leaveOut(u *unit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken[u] = true
}

// likeliest is the test that most likely notices a mutant, of those that were not tried and are not skipped.
func (t *trial) likeliest(m *mutant, skip map[*unit]bool) *unit {
	t.mu.Lock()
	defer t.mu.Unlock()
	type rank struct {
		kills, suite int
		late         bool
		took         time.Duration
	}
	var best *unit
	var bestRank rank
	better := func(a, b rank) bool {
		if a.kills != b.kills {
			return a.kills > b.kills
		}
		if a.late != b.late {
			return b.late
		}
		if (a.took > splitAbove) != (b.took > splitAbove) {
			return a.took < b.took
		}
		if a.suite != b.suite {
			return a.suite < b.suite
		}
		return a.took < b.took
	}
	for i, s := range t.suitesOf(m, t.targets) {
		for _, u := range s.all() {
			if skip[u] || t.tried[m][u] {
				continue
			}
			r := rank{kills: 100*t.kills[m.function()][u] + t.kills[m.file][u], suite: i, late: late[u.test()]}
			if is := u.held.Load(); is != nil {
				r.took = is.took
			}
			if best == nil || better(r, bestRank) {
				best, bestRank = u, r
			}
		}
	}
	return best
}

// all are the units of a suite, with the sub-tests of those that were split.
func (s *suite) all() []*unit {
	var all []*unit
	for _, u := range s.units {
		all = append(all, u.leaves()...)
	}
	return all
}

func (u *unit) leaves() []*unit {
	is := u.held.Load()
	if is == nil || is.parts == nil {
		return []*unit{u}
	}
	var all []*unit
	for _, p := range is.parts {
		all = append(all, p.leaves()...)
	}
	return all
}

// learned are the tests that noticed mutants of each file, the best first.
func (t *trial) learned(most int) map[string][]*unit {
	best := map[string][]*unit{}
	for key, kills := range t.kills {
		if strings.Contains(key, " ") { // a function
			continue
		}
		var units []*unit
		for u := range kills {
			units = append(units, u)
		}
		slices.SortFunc(units, func(a, b *unit) int {
			if n := kills[b] - kills[a]; n != 0 {
				return n
			}
			return strings.Compare(a.String(), b.String())
		})
		best[key] = units[:min(most, len(units))]
	}
	return best
}
