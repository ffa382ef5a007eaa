package ledger_test

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/ledger"
)

var arriving = []story{
	{"a stock figure dated in the future counts as its arrival", futureStock},
	{"a stock figure that an earlier release dated in the future is not known, and holds nothing up", frozenStock},
	{"a promise that was settled in the future ends in time", futureSettled},
	{"what was sent long ago by the platform's clock stays promised for a day of ours", pastSettled},
	{"a figure that came after the preparing may count it, whatever the platform's clock says", preparedBehind},
}

// redisClock is what the time is for the ledger.
func redisClock(t *testing.T, s *store) time.Time {
	t.Helper()
	now, err := s.rdb.Time(t.Context()).Result()
	must(t, err)
	return now.UTC().Truncate(time.Millisecond)
}

func futureStock(t *testing.T, s *store) {
	now := redisClock(t, s)
	put := func(usable int, date time.Time) {
		m := mugs(usable, 0, 0)
		m.Date = date
		must(t, s.PutStock(t.Context(), s.org, m, ""))
	}
	put(99, now.Add(2*time.Hour))
	s.left(t, 99)
	put(50, now.Add(-time.Hour))
	s.left(t, 99)
	put(7, now.Add(-time.Second))
	s.left(t, 7)
	s.take(t, claim("re_1", 2), true)
	must(t, s.Commit(t.Context(), s.org, "re_1", now.Add(30*time.Second)))
	put(7, now.Add(2*time.Hour)) // it may have been written before the sending
	s.left(t, 5)
}

func frozenStock(t *testing.T, s *store) {
	s.stock(t, 99, 0, 0)
	key := ledger.StockKey(s.org, "loc_lyon", "MUG")
	ahead := redisClock(t, s).Add(240 * time.Hour).UnixMilli()
	must(t, s.rdb.HSet(t.Context(), key, "date", ahead, "counted", ahead).Err())
	if f, ever := s.shelf(t, "loc_lyon", "").Stock["MUG"]; ever && f.Known {
		t.Errorf("a figure of the future is %+v, want not known", f)
	}
	s.take(t, claim("re_0", 200), true) // what is not known refuses nothing
	must(t, s.Release(t.Context(), s.org, "re_0"))
	s.stock(t, 7, 0, -60)
	s.left(t, 7)
}

func futureSettled(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.stock(t, 10, 0, -60)
	s.take(t, claim("re_1", 4), true)
	must(t, s.Commit(t.Context(), s.org, "re_1", now.Add(10*24*time.Hour)))
	m := mugs(10, 4, 0)
	m.Date = redisClock(t, s).Add(2 * time.Second)
	must(t, s.PutStock(t.Context(), s.org, m, ""))
	s.left(t, 6) // as the platform says; the promise is over
}

func pastSettled(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.stock(t, 10, 0, -60)
	s.take(t, claim("re_1", 4), true)
	for range 2 { // told again it would end what is over
		must(t, s.Commit(t.Context(), s.org, "re_1", now.Add(-2*ledger.ReservationKept)))
		s.left(t, 6)
	}
}

func preparedBehind(t *testing.T, s *store) {
	s.stock(t, 2, 0, -7200)
	s.take(t, claim("re_1", 2), true)
	s.stock(t, 2, 2, -3600) // its clock is an hour behind
	got, err := s.Availability(t.Context(), s.org, ledger.Query{Location: "loc_lyon", Owner: "re_1", SKUs: []string{"MUG"}, Prepared: true, At: today})
	must(t, err)
	if f := got.Stock["MUG"]; f.Available != 2 {
		t.Errorf("it sees %d, want the 2 that were reserved for it", f.Available)
	}
}
