package admin

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/worker/journal"
)

// TestAGetLeavesNothingBehindButTheLastPlan asks each endpoint that there is.
func TestAGetLeavesNothingBehindButTheLastPlan(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	_, err := b.desk.resolveLocation(t.Context(), organization, "paris-warehouse") // heard of once, it is known
	b.must(err)
	asked := 0
	for _, pattern := range slices.Sorted(maps.Keys(b.desk.endpoints())) {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet {
			continue
		}
		asked++
		path = strings.NewReplacer("{id}", "inc-1", "{name}", "do_1").Replace(path) + "?"
		before := b.redis.Dump()
		for _, query := range []string{"location=paris-warehouse", "list=l", "most=1"} {
			b.call(http.MethodGet, path+query, "")
		}
		if after := b.redis.Dump(); after != before {
			t.Errorf("%s changed something: before\n%s\nafter\n%s", pattern, before, after)
		}
	}
	if asked < 10 {
		t.Errorf("%d endpoints were asked, want all", asked)
	}
	before := b.redis.Keys()
	if status, answer, _ := b.call(http.MethodGet, "/api/plan?all=1", ""); status != http.StatusOK {
		t.Errorf("plan: got %d %s", status, answer)
	}
	var left []string
	for _, key := range b.redis.Keys() {
		if !slices.Contains(before, key) {
			left = append(left, key)
		}
	}
	if !slices.Equal(left, []string{"reassigner:{" + organization + "}:outlook"}) {
		t.Errorf("a plan of every location left %q, want what it came to", left)
	}
}

// TestEveryEndpointThatActsIsAnAction fails for one that has no row in the table of actions, or too few: one of what
// is named, and one of what is selected.
func TestEveryEndpointThatActsIsAnAction(t *testing.T) {
	t.Parallel()
	rows := map[string]int{}
	for _, a := range actions() {
		rows["POST "+strings.Replace(a.path, "inc-1", "{id}", 1)]++
	}
	b := newFixture(t)
	for pattern := range b.desk.endpoints() {
		if strings.HasPrefix(pattern, "GET ") {
			continue
		}
		want := 2
		if strings.Contains(pattern, "{id}") {
			want = 1
		}
		if rows[pattern] < want {
			t.Errorf("%s has %d rows in the table of actions, want %d or more", pattern, rows[pattern], want)
		}
		delete(rows, pattern)
	}
	for pattern := range rows {
		t.Errorf("the table of actions has %s, which there is not", pattern)
	}
}
