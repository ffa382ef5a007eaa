package index_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/index"
)

var seeing = []story{
	{"a message is seen in the same step as its entry, news or not", seenWithEntry},
	{"a message that comes again is told, and changes nothing", seenAgain},
	{"a message that is no delivery order's is seen by itself", seenAlone},
	{"a read or a message without an id is not seen, but heard", heard},
	{"the index listens since its first message arrived, whatever the message says", listensSince},
	{"the last arrival is kept, and what is known is counted once", age},
}

func seenWithEntry(t *testing.T, s *store) {
	s.put(t, order("do_1", 1), "m1", true)
	s.put(t, order("do_1", 0), "m2", false)
	for message, want := range map[string]bool{"m1": true, "m2": true, "m3": false} {
		wantSeen(t, s, message, want)
	}
	wantForgotten(t, s, "m1")
}

func seenAgain(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "m1", true)
	again := order("do_1", 1)
	again.Status = "OPENED"
	if news, err := s.Put(t.Context(), s.org, again, "m1"); news || !errors.Is(err, index.ErrRepeated) {
		t.Errorf("a repeated message is news: %t, %v, want %v", news, err, index.ErrRepeated)
	}
	s.want(t, order("do_1", 0))
}

func seenAlone(t *testing.T, s *store) {
	wantSeen(t, s, "m1", false)
	must(t, s.MarkSeen(t.Context(), s.org, "m1", noon))
	wantSeen(t, s, "m1", true)
	wantForgotten(t, s, "m1")
}

func heard(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "", true)
	if a := ageOf(t, s); !a.Since.IsZero() || !a.Last.IsZero() {
		t.Errorf("after a read the index listens since %s and last heard at %s, want never", a.Since, a.Last)
	}
	must(t, s.MarkSeen(t.Context(), s.org, "", noon))
	wantSeen(t, s, "", false)
	if a := ageOf(t, s); a.Since.IsZero() || !a.Last.Equal(a.Since) {
		t.Errorf("after a message the index listens since %s and last heard at %s, want when it came", a.Since, a.Last)
	}
}

func listensSince(t *testing.T, s *store) {
	now, err := s.rdb.Time(t.Context()).Result()
	must(t, err)
	for name, first := range map[string]func(*store) error{
		"an order": func(s *store) error {
			_, err := s.Put(t.Context(), s.org, order("do_1", 0), "m1")
			return err
		},
		"another": func(s *store) error { return s.MarkSeen(t.Context(), s.org, "m1", now.Add(-2*index.MatureAfter)) },
	} {
		one := *s
		one.org += name
		must(t, first(&one))
		a := ageOf(t, &one)
		if off := a.Since.Sub(now).Abs(); off > 10*time.Second {
			t.Errorf("%s: it listens since %s, want %s", name, a.Since, now)
		}
		if !a.IsIncomplete(now) {
			t.Errorf("%s: an index that just began to listen counts as complete", name)
		}
		must(t, one.MarkSeen(t.Context(), one.org, "m2", now))
		if again := ageOf(t, &one).Since; !again.Equal(a.Since) {
			t.Errorf("%s: after a second message it listens since %s, want %s still", name, again, a.Since)
		}
	}
}

func age(t *testing.T, s *store) {
	for i, e := range []index.Entry{order("do_1", 0), order("do_2", 30), order("do_1", 10)} {
		s.put(t, e, fmt.Sprint("m", i), true)
	}
	late := redisClock(t, s).Add(-time.Hour)
	must(t, s.MarkSeen(t.Context(), s.org, "m", late))
	got := ageOf(t, s)
	if off := got.Last.Sub(redisClock(t, s)).Abs(); off > 10*time.Second {
		t.Errorf("it heard last at %s, want just now", got.Last)
	}
	got.Since, got.Last = time.Time{}, time.Time{}
	if diff := cmp.Diff(index.Coverage{Known: 2, BehindSince: late}, got); diff != "" {
		t.Errorf("age (-want +got):\n%s", diff)
	}
}

func TestAnIndexIsShortUntilItIsImportedOrOld(t *testing.T) {
	t.Parallel()
	gap := []index.Gap{{From: noon.Add(-2 * time.Hour), To: noon.Add(-time.Hour)}}
	tests := []struct {
		name string
		age  index.Coverage
		want bool
	}{
		{"one that never heard anything", index.Coverage{}, true},
		{"one that heard something lately", index.Coverage{Since: noon.Add(-time.Hour), Known: 9}, true},
		{"one nearly old enough", index.Coverage{Since: noon.Add(-index.MatureAfter + time.Second)}, true},
		{"one old enough", index.Coverage{Since: noon.Add(-index.MatureAfter)}, false},
		{"a young one with an import", index.Coverage{Since: noon.Add(-time.Hour), Imported: noon.Add(-time.Minute)}, false},
		{"one that is behind", index.Coverage{Since: noon.Add(-2 * index.MatureAfter), Imported: noon.Add(-time.Minute), BehindSince: noon.Add(-time.Hour)}, true},
		{"one with a gap since its import", index.Coverage{Since: noon.Add(-2 * index.MatureAfter), Imported: noon.Add(-3 * time.Hour), Gaps: gap}, true},
		{"one with a gap before its import", index.Coverage{Since: noon.Add(-2 * index.MatureAfter), Imported: noon.Add(-time.Minute), Gaps: gap}, false},
		{"one with a gap of long ago", index.Coverage{Since: noon.Add(-2 * index.MatureAfter),
			Gaps: []index.Gap{{From: noon.Add(-index.MatureAfter - time.Hour), To: noon.Add(-index.MatureAfter)}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.age.IsIncomplete(noon); got != tt.want {
				t.Errorf("short is %t, want %t", got, tt.want)
			}
		})
	}
}

func ageOf(t *testing.T, s *store) index.Coverage {
	t.Helper()
	a, err := s.Coverage(t.Context(), s.org)
	must(t, err)
	return a
}

func wantSeen(t *testing.T, s *store, message string, want bool) {
	t.Helper()
	got, err := s.IsSeen(t.Context(), s.org, message)
	must(t, err)
	if got != want {
		t.Errorf("%q is seen: %t, want %t", message, got, want)
	}
}

// wantForgotten wants Redis to forget the message in time.
func wantForgotten(t *testing.T, s *store, message string) {
	t.Helper()
	left, err := s.rdb.TTL(t.Context(), index.SeenKey(s.org, message)).Result()
	must(t, err)
	if left > index.SeenFor || left < index.SeenFor-time.Minute {
		t.Errorf("%q is remembered for %s, want %s", message, left, index.SeenFor)
	}
}
