package wording

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestACountIsSaidInItsNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 days", 1: "1 day", 2: "2 days", 12345: "12345 days", -1: "-1 days"} {
		if got := Count(n, "day", "days"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestTheMostFrequentComesFirst(t *testing.T) {
	t.Parallel()
	got := ByCount(map[string]int{"lyon": 3, "paris": 7, "lille": 3, "nice": 0})
	if diff := cmp.Diff([]string{"paris", "lille", "lyon", "nice"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ByCount(map[string]int(nil)); len(got) != 0 {
		t.Errorf("of nothing: got %v", got)
	}
}

func TestCountsAreAddedUp(t *testing.T) {
	t.Parallel()
	if got := Sum(map[string]int{"lyon": 3, "paris": 7}) + Sum(map[int]int(nil)); got != 10 {
		t.Errorf("got %d, want 10", got)
	}
}
