package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Tally counts the reassignments of an incident by state, reason and target. The counts are kept beside the records
// and change in the same script, so reading them costs the same however many records there are.
type Tally struct {
	States  map[State]int            // has every state, also those with 0
	Reasons map[State]map[Reason]int // of those that need an operator or were left; without zeros
	Targets map[string]int           // of those reassigned, by the slug of the new location; without zeros
	Unsent  int                      // of those holding, how many have a released original: nobody ships them meanwhile
}

// InProgress returns how many are not at rest.
func (t Tally) InProgress() int {
	n := 0
	for state, count := range t.States {
		if !state.IsAtRest() {
			n += count
		}
	}
	return n
}

// Sum returns how many records there are.
func (t Tally) Sum() int {
	n := 0
	for _, count := range t.States {
		n += count
	}
	return n
}

// targetGroup is the prefix of the groups of those reassigned to one location; unsentGroup is the group of those
// holding whose original is released.
const (
	targetGroup = "to:"
	unsentGroup = "unsent:holding"
)

// groupKeys returns the groups that a record belongs to besides that of its state: by reason, if its state has one,
// and by target, if it is reassigned, or unsentGroup. Each is "" where it does not apply.
func (r *Reassignment) groupKeys() (reason, target string) {
	switch r.State {
	case Left, NeedsPerson:
		if r.Reason != "" {
			reason = groupKey(r.State, r.Reason)
		}
	case Reassigned:
		if r.Decision.To != "" {
			target = targetGroup + r.Decision.To
		}
	case Holding:
		if r.ReleaseBegan() {
			target = unsentGroup
		}
	case Pending, Preparing, Releasing, ConfirmingRelease, Checking, Sending, Confirming, Undoing:
	}
	return reason, target
}

func groupKey(state State, reason Reason) string {
	if reason == "" {
		return string(state)
	}
	return string(state) + ":" + string(reason)
}

// Tally returns the counts of an incident, in one round trip.
func (j *Journal) Tally(ctx context.Context, organization, incident string) (Tally, error) {
	tallies, err := j.Tallies(ctx, organization, []string{incident})
	if err != nil {
		return Tally{}, err
	}
	return tallies[0], nil
}

// Tallies returns the counts of several incidents, in their order, in one round trip for listPage of them.
func (j *Journal) Tallies(ctx context.Context, organization string, incidents []string) ([]Tally, error) {
	tallies := make([]Tally, 0, len(incidents))
	for page := range slices.Chunk(incidents, listPage) {
		replies := make([]*redis.MapStringStringCmd, len(page))
		if _, err := j.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, id := range page {
				replies[i] = p.HGetAll(ctx, keys(organization).counts(id))
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("counting reassignments: %w", err)
		}
		for _, reply := range replies {
			tallies = append(tallies, tallyOf(reply.Val()))
		}
	}
	return tallies, nil
}

func tallyOf(values map[string]string) Tally {
	t := Tally{States: map[State]int{}, Reasons: map[State]map[Reason]int{}, Targets: map[string]int{}}
	for _, state := range States() {
		t.States[state] = 0
	}
	for name, value := range values {
		n, err := strconv.Atoi(value)
		if err != nil || n <= 0 {
			continue
		}
		state, reason, whole := strings.Cut(name, ":")
		switch {
		case name == unsentGroup:
			t.Unsent = n
		case strings.HasPrefix(name, targetGroup):
			t.Targets[strings.TrimPrefix(name, targetGroup)] = n
		case !whole:
			t.States[State(state)] = n
		default:
			if t.Reasons[State(state)] == nil {
				t.Reasons[State(state)] = map[Reason]int{}
			}
			t.Reasons[State(state)][Reason(reason)] = n
		}
	}
	return t
}

// GroupPage returns a page of the records of an incident that are in a state, with the reason given if it is not "",
// in the order of their ids. after is "" for the first page, and the former next for the others; next is "" after the
// last page. A record that cannot be read is returned as Rows yields it.
func (j *Journal) GroupPage(ctx context.Context, organization, incident string, state State, reason Reason, after string, most int) (rows []*Reassignment, next string, err error) {
	return j.groupPage(ctx, organization, incident, groupKey(state, reason), after, most)
}

// Unsent returns, like GroupPage, a page of the records that are holding although their original is released.
func (j *Journal) Unsent(ctx context.Context, organization, incident, after string, most int) (rows []*Reassignment, next string, err error) {
	return j.groupPage(ctx, organization, incident, unsentGroup, after, most)
}

func (j *Journal) groupPage(ctx context.Context, organization, incident, group, after string, most int) (rows []*Reassignment, next string, err error) {
	from := "-"
	if after != "" {
		from = "(" + after
	}
	return j.readPage(ctx, organization, keys(organization).group(incident, group), from, "+", most)
}

// readPage reads the records whose ids a sorted set has between two names.
func (j *Journal) readPage(ctx context.Context, organization, set, from, to string, most int) (rows []*Reassignment, next string, err error) {
	ids, err := j.rdb.ZRangeByLex(ctx, set, &redis.ZRangeBy{Min: from, Max: to, Count: int64(most)}).Result()
	if err != nil {
		return nil, "", fmt.Errorf("listing reassignments: %w", err)
	}
	j.yieldPage(ctx, organization, ids, func(r *Reassignment, problem error) bool {
		rows, err = append(rows, r), problem
		return problem == nil
	})
	if err != nil {
		return nil, "", err
	}
	if len(ids) == most {
		next = ids[most-1]
	}
	return rows, next, nil
}
