package index_test

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

var dating = []story{
	{"what is not there is not known", unknown},
	{"the newer date wins", newerWins},
	{"of equal dates the later arrival wins", laterArrivalWins},
	{"what is older changes nothing", olderIgnored},
	{"an entry that cannot be read is not known, and is written anew", corruptEntry},
	{"organizations do not see each other", apart},
}

func unknown(t *testing.T, s *store) {
	e, known, err := s.Get(t.Context(), s.org, "do_1")
	must(t, err)
	if known {
		t.Errorf("it is known as %+v", e)
	}
}

func newerWins(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "m1", true)
	e := order("do_1", 1)
	e.Status, e.Lines[0].Status = "OPENED", "ACCEPTED"
	s.put(t, e, "m2", true)
	s.want(t, e)
}

func laterArrivalWins(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "m1", true)
	e := order("do_1", 0)
	e.Status = "OPENED"
	s.put(t, e, "m2", true)
	s.want(t, e)
}

func olderIgnored(t *testing.T, s *store) {
	newer := order("do_1", 0)
	s.put(t, newer, "m1", true)
	older := order("do_1", 0)
	older.Date = noon.Add(-time.Millisecond)
	older.Location, older.Status = "loc_lyon", "COMPLETED"
	s.put(t, older, "m2", false)
	s.put(t, older, "", false)
	s.want(t, newer)
	s.flight(t, "loc_paris", "do_1")
	s.flight(t, "loc_lyon")
}

func corruptEntry(t *testing.T, s *store) {
	s.put(t, told(order("do_1", 0)), "m1", true)
	must(t, s.rdb.HSet(t.Context(), index.EntryKey(s.org, "do_1"), "body", "{", "told", "[").Err())
	unknown(t, s)
	e := told(order("do_1", 1))
	s.put(t, e, "m2", true)
	s.want(t, e)
	s.flight(t, "loc_paris", "do_1")
}

func apart(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "m1", true)
	other := *s
	other.org += "_else"
	unknown(t, &other)
	other.flight(t, "loc_paris")
	if seen, err := other.IsSeen(t.Context(), other.org, "m1"); err != nil || seen {
		t.Errorf("the message of another organization is seen: %t, %v", seen, err)
	}
}
