package index_test

import (
	"testing"

	"happycolis-reassigner/worker/index"
)

// thin are the stories of messages that say less than the samples do.
var thin = []story{
	{"a message with nothing but an id loses nothing", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "m_1", true)
		s.put(t, index.Entry{ID: "do_1", Date: order("", 1).Date}, "m_2", true)
		want := order("do_1", 1)
		s.want(t, want)
		wantInFlight(t, s, 1)
	}},
	{"a whole message without a location takes it away", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "m_1", true)
		away := order("do_1", 1)
		away.Location = ""
		s.put(t, away, "m_2", true)
		wantInFlight(t, s, 0)
	}},
}

func wantInFlight(t *testing.T, s *store, want int) {
	t.Helper()
	got, err := s.CountInFlight(t.Context(), s.org, "loc_paris")
	must(t, err)
	if got != want {
		t.Errorf("%d in flight, want %d", got, want)
	}
}
