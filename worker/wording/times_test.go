package wording

import (
	"testing"
	"time"
)

func TestTheTimesInATextAreThoseOfItsReader(t *testing.T) {
	t.Parallel()
	format := func(at time.Time) string { return at.In(time.FixedZone("CEST", 2*60*60)).Format("15:04 MST") }
	for text, want := range map[string]string{
		"lost at 2026-05-18T07:00:00Z: import, until 2026-05-18T08:00:00.5Z": "lost at 09:00 CEST: import, until 10:00 CEST",
		"inc-20260518T070000-1a2b3c, 2026-05-18, 2026-99-18T07:00:00Z":       "inc-20260518T070000-1a2b3c, 2026-05-18, 2026-99-18T07:00:00Z",
	} {
		if got := ReplaceTimes(text, format); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
