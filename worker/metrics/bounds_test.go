package metrics

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestALabelHasNoMoreValuesThanItsBound(t *testing.T) {
	t.Parallel()
	counts := map[string]int{"lyon": 7, "lille": 2, "nice": 2, "brest": 9, "metz": 1}
	got := keepLargest(counts, 3)
	if diff := cmp.Diff(map[string]int{"brest": 9, "lyon": 7, "lille": 2, other: 3}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
