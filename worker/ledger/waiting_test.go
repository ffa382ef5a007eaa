package ledger_test

import (
	"errors"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

// waiting are the stories of messages that waited on disk before they were put.
var waiting = []story{
	{"of stock of equal dates the later arrival wins", laterStampWins},
	{"stock that a Redis that stood still stored late hides none that came after it", ranLate},
}

func laterStampWins(t *testing.T, s *store) {
	now := time.Now()
	for _, ago := range []time.Duration{10 * time.Second, 30 * time.Second} {
		m := mugs(int(ago.Seconds()), 0, 0)
		m.Date = now.Add(-time.Minute)
		must(t, s.Arrived(now.Add(-ago)).PutStock(t.Context(), s.org, m, ""))
	}
	s.left(t, 10)
}

func ranLate(t *testing.T, s *store) {
	now := time.Now()
	first, second := mugs(30, 0, 0), mugs(10, 0, 0)
	first.Date, second.Date = now.Add(-time.Minute), now.Add(-time.Minute)
	must(t, s.PutStock(t.Context(), s.org, first, "m1")) // though its sender had given up, and kept it on disk
	if err := s.Arrived(now.Add(-20*time.Second)).PutStock(t.Context(), s.org, first, "m1"); !errors.Is(err, index.ErrRepeated) {
		t.Errorf("got %v, want that it was there before", err)
	}
	must(t, s.Arrived(now.Add(-10*time.Second)).PutStock(t.Context(), s.org, second, "m2"))
	s.left(t, 10)
}
