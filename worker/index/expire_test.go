package index_test

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

// expiring are the stories of what is forgotten.
var expiring = []story{
	{"a finished delivery order is forgotten when nothing was heard of it for long", func(t *testing.T, s *store) {
		done, fresh, flying := order("do_done", 0), order("do_fresh", 7200), order("do_flying", 0)
		done.Status, fresh.Status = "COMPLETED", "COMPLETED"
		for _, e := range []index.Entry{done, fresh, flying} {
			if _, err := s.Put(t.Context(), s.org, e, ""); err != nil {
				t.Fatal(err)
			}
		}
		s.expires(t, noon.Add(time.Hour), 1)
		s.expires(t, noon.Add(time.Hour), 0)
		for id, want := range map[string]bool{"do_done": false, "do_fresh": true, "do_flying": true} {
			if _, known, err := s.Get(t.Context(), s.org, id); known != want || err != nil {
				t.Errorf("%s: known %t, want %t, %v", id, known, want, err)
			}
		}
		age, err := s.Coverage(t.Context(), s.org)
		if err != nil || age.Known != 2 {
			t.Errorf("%d are known, want 2, %v", age.Known, err)
		}
	}},
	{"a forgotten delivery order of which something is heard is known again", func(t *testing.T, s *store) {
		done := order("do_1", 0)
		done.Status = "COMPLETED"
		if _, err := s.Put(t.Context(), s.org, done, ""); err != nil {
			t.Fatal(err)
		}
		s.expires(t, noon.Add(time.Hour), 1)
		if news, err := s.Put(t.Context(), s.org, done, "late"); !news || err != nil {
			t.Errorf("news %t, %v", news, err)
		}
		if age, err := s.Coverage(t.Context(), s.org); err != nil || age.Known != 1 {
			t.Errorf("%d are known, want 1, %v", age.Known, err)
		}
		if n, err := s.CountAllInFlight(t.Context(), s.org); n != 0 || err != nil {
			t.Errorf("%d are in flight, %v", n, err)
		}
	}},
}

// expires forgets what was finished before a moment, and checks how much that was.
func (s *store) expires(t *testing.T, before time.Time, want int) {
	t.Helper()
	keys, err := s.rdb.Keys(t.Context(), "reassigner:{"+s.org+"}:*").Result()
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Expire(t.Context(), s.org, keys, before)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%d were forgotten, want %d", got, want)
	}
}
