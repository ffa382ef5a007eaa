package decision

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
)

// TestReadsStandBackForMutationsThatNeedTheRate: under a low limit one mutation that waits is reason enough;
// under a generous one, standing back for every single one would leave grants that nobody asks for.
func TestReadsStandBackForMutationsThatNeedTheRate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	low, generous := happycolis.Rate{PerMinute: 60, PerSecond: 10}, happycolis.Rate{PerMinute: 6000, PerSecond: 100}
	for _, tt := range []struct {
		what    string
		rate    happycolis.Rate
		own     bool // the reader's own mutation waits too
		waiting int  // mutations of other records
		elapsed time.Duration
		want    bool
	}{
		{"nobody waits", low, false, 0, 0, false},
		{"its own mutation waits", low, true, 0, 0, false},
		{"one waits under a low limit", low, false, 1, 0, true},
		{"one waited under a low limit and did not come", low, false, 1, 2 * time.Second, false},
		{"a few wait under a generous limit", generous, true, 10, 0, false},
		{"many wait under a generous limit", generous, false, 60, 0, true},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			var turns MutationPriority
			if tt.own {
				turns.MarkWaiting("org_1", "reader", now.Add(time.Second))
			}
			for i := range tt.waiting {
				turns.MarkWaiting("org_1", fmt.Sprint("other_", i), now.Add(time.Second))
			}
			if got := turns.hasOthersWaiting("org_1", "reader", tt.rate, now.Add(tt.elapsed)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if turns.hasOthersWaiting("org_2", "reader", tt.rate, now) {
				t.Error("a read of another organization stands back too")
			}
		})
	}
}
