package index_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var gaps = []story{
	{"messages that come long after their date leave a gap", lateMessages},
	{"the latest ten gaps are remembered", manyGaps},
	{"what comes late after an import leaves a gap, whatever the clock of who imported", lateAfterImport},
}

func lateMessages(t *testing.T, s *store) {
	clock, err := s.rdb.Time(t.Context()).Result()
	must(t, err)
	now := clock.UTC().Truncate(time.Millisecond)
	must(t, s.MarkSeen(t.Context(), s.org, "m1", now.Add(-4*time.Minute)))
	if a := ageOf(t, s); !a.BehindSince.IsZero() {
		t.Errorf("behind since %s after a message of four minutes ago, want not", a.BehindSince)
	}
	must(t, s.MarkSeen(t.Context(), s.org, "m2", now.Add(-2*time.Hour)))
	late := order("do_1", 0)
	late.Date = now.Add(-time.Hour)
	s.put(t, late, "m3", true)
	if a := ageOf(t, s); !a.BehindSince.Equal(now.Add(-2 * time.Hour)) {
		t.Errorf("behind since %s, want since the oldest that came late, %s", a.BehindSince, now.Add(-2*time.Hour))
	}
	must(t, s.MarkSeen(t.Context(), s.org, "m4", now))
	got := ageOf(t, s)
	if !got.BehindSince.IsZero() || len(got.Gaps) != 1 || !got.Gaps[0].From.Equal(now.Add(-2*time.Hour)) || got.Gaps[0].To.Sub(now) > 10*time.Second {
		t.Errorf("%+v, want one gap, over now", got)
	}
	must(t, s.FinishImport(t.Context(), s.org, now.Add(time.Minute)))
	if a := ageOf(t, s); len(a.OpenGaps(now.Add(2*time.Minute))) != 0 {
		t.Errorf("gaps %v matter after an import, want none", a.Gaps)
	}
}

// lateAfterImport has the host that imports be an hour ahead.
func lateAfterImport(t *testing.T, s *store) {
	now := redisClock(t, s)
	must(t, s.FinishImport(t.Context(), s.org, now.Add(time.Hour)))
	if a := ageOf(t, s); a.Imported.Sub(now).Abs() > 10*time.Second || !a.Since.Equal(a.Imported) {
		t.Errorf("it was imported at %s, want just now, %s", a.Imported, now)
	}
	time.Sleep(2 * time.Millisecond) // a gap is later than the import only by Redis's clock
	must(t, s.MarkSeen(t.Context(), s.org, "m1", now.Add(-2*time.Hour)))
	must(t, s.MarkSeen(t.Context(), s.org, "m2", now))
	if a := ageOf(t, s); len(a.OpenGaps(now)) != 1 {
		t.Errorf("%+v, want a gap since the import", a)
	}
}

func manyGaps(t *testing.T, s *store) {
	clock, err := s.rdb.Time(t.Context()).Result()
	must(t, err)
	now := clock.UTC().Truncate(time.Millisecond)
	var want []time.Time
	for i := range 12 {
		from := now.Add(-time.Duration(24-i) * time.Hour)
		must(t, s.MarkSeen(t.Context(), s.org, fmt.Sprint("late", i), from))
		must(t, s.MarkSeen(t.Context(), s.org, fmt.Sprint("timely", i), now))
		if i >= 2 {
			want = append(want, from)
		}
	}
	var got []time.Time
	for _, g := range ageOf(t, s).Gaps {
		got = append(got, g.From)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gaps since (-want +got):\n%s", diff)
	}
}
