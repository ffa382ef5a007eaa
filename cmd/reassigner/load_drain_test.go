//go:build soak || bench

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/worker/journal"
)

// Times of a drain.
const (
	stillness   = 2 * time.Second // at rest for that long is at rest
	stalledMost = 3 * time.Minute // without any change: it will not come to rest
	heardMost   = 2 * time.Minute
	progressAsk = 2 * time.Second // Redis may be away
)

// progress is how far a drain is.
type progress struct {
	at       time.Time
	counts   map[journal.State]int
	enrolled int
	resting  int
	share    float64 // of what was in flight, at rest
	over     bool    // everything came to rest: nothing is disturbed any more
}

// trouble is something that goes wrong while a drain runs. It is called at every look, on the test's own
// goroutine, and decides itself whether its time has come.
type trouble func(progress)

// heard waits until the platform told everything that was seeded.
func (r *loadFixture) heard() {
	r.t.Helper()
	for end := time.Now().Add(heardMost); r.platform.Waiting(demo.Organization) > 0; time.Sleep(lookEvery) {
		if blocked, why := r.platform.Blocked(demo.Organization); blocked || time.Now().After(end) {
			r.t.Fatalf("the webhooks of the seed were not taken: %s", why)
		}
	}
}

// drain breaks a location and waits, under troubles, until everything that was in flight there is at rest.
func (r *loadFixture) drain(location string, troubles ...trouble) time.Duration {
	r.t.Helper()
	begun := time.Now()
	r.platform.Break(location)
	p, last, changed, still := progress{}, "", time.Now(), time.Time{}
	var took time.Duration
	for {
		time.Sleep(lookEvery)
		fresh, err := r.progress()
		if err == nil {
			p = fresh.since(p)
		}
		p.at = time.Now()
		for _, happen := range troubles {
			happen(p)
		}
		if now := fmt.Sprint(p.counts); now != last {
			last, changed = now, p.at
		}
		if p.at.Sub(changed) > stalledMost {
			r.t.Fatalf("no change for %s, of %d in flight: %s\n%s", stalledMost, len(r.inFlight), p, r.stories(r.open()))
		}
		rests := err == nil && p.enrolled >= len(r.inFlight) && p.resting == p.enrolled
		switch {
		case !rests:
			still = time.Time{}
			continue
		case !p.over:
			p.over, took = true, time.Since(begun)
		}
		if still.IsZero() || r.platform.Waiting(demo.Organization) > 0 {
			still = p.at
		}
		if p.at.Sub(still) >= stillness {
			return took
		}
	}
}

func (p progress) since(before progress) progress {
	p.over = before.over
	return p
}

func (p progress) String() string {
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(p.counts)) {
		if n := p.counts[state]; n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

// progress reads the journal.
func (r *loadFixture) progress() (progress, error) {
	ctx, cancel := contextFor(progressAsk)
	defer cancel()
	p := progress{counts: map[journal.State]int{}}
	ids, err := r.journal.IncidentIDs(ctx, demo.Organization)
	if err != nil {
		return p, err
	}
	for _, id := range ids {
		tally, err := r.journal.Tally(ctx, demo.Organization, id)
		if err != nil {
			return p, err
		}
		for state, n := range tally.States {
			p.counts[state] += n
			p.enrolled += n
			if state.IsAtRest() {
				p.resting += n
			}
		}
	}
	if len(r.inFlight) > 0 {
		p.share = float64(p.resting) / float64(len(r.inFlight))
	}
	return p, nil
}

// records returns those of the records that are wanted.
func (r *loadFixture) records(wanted func(*journal.Reassignment) bool) []*journal.Reassignment {
	r.t.Helper()
	ctx, cancel := contextFor(readyMost)
	defer cancel()
	ids, err := r.journal.IncidentIDs(ctx, demo.Organization)
	if err != nil {
		r.t.Fatal(err)
	}
	var found []*journal.Reassignment
	for _, id := range ids {
		for record, err := range r.journal.Rows(ctx, demo.Organization, id) {
			if err != nil {
				r.t.Fatal(err)
			}
			if wanted(record) {
				found = append(found, record)
			}
		}
	}
	return found
}

func (r *loadFixture) open() []*journal.Reassignment {
	return r.records(func(r *journal.Reassignment) bool { return !r.State.IsAtRest() })
}

// storiesMost is how many records a failure tells in full.
const storiesMost = 5

// stories tells what the journal knows of records.
func (r *loadFixture) stories(records []*journal.Reassignment) string {
	var s strings.Builder
	for _, r := range records[:min(len(records), storiesMost)] {
		fmt.Fprintf(&s, "%s (%s, %s): %s %s, replacement %q, former %v, intent %+v\n", r.Identity.DeliveryOrder, r.Original.Status, r.Original.Dispatch, r.State, r.Reason,
			r.Replacement.ID, r.Replacement.Past, r.Intent)
		for _, e := range r.History {
			fmt.Fprintf(&s, "    %s %s: %s\n", e.At.Format("15:04:05.000"), e.Step, e.Note)
		}
	}
	return s.String()
}

func contextFor(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
