package doctor

import (
	"testing"
	"time"
)

func TestWhatIsSaidOfSkewedClocks(t *testing.T) {
	t.Parallel()
	for skew, want := range map[time.Duration]Severity{0: Passed, time.Second: Passed, -5 * time.Second: Warning, 10 * time.Minute: Failed} {
		if got := judgeSkew("c", skew, 0); got.Severity != want {
			t.Errorf("%s: got %s, want %s (%s)", skew, got.Severity, want, got.Saw)
		}
	}
	if got := judgeSkew("c", -2500*time.Millisecond, time.Second); got.Severity != Passed {
		t.Errorf("within the grain of a second: %s %s", got.Severity, got.Saw)
	}
}
