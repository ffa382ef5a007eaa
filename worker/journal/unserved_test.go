package journal_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
)

var serving = []story{
	{"an organization that nobody serves is told of while something of it is released", unserved},
	{"however many are open, each that is released is counted once", unservedCount},
}

// alone returns what is told of the story's organization; nil if nothing.
func (s *store) alone(t *testing.T, configured []string, atOnce bool) *journal.UnservedOrganization {
	t.Helper()
	all, err := s.UnservedOrganizations(t.Context(), configured, atOnce)
	must(t, err)
	at := slices.IndexFunc(all, func(u journal.UnservedOrganization) bool { return u.Organization == s.org })
	if at < 0 {
		return nil
	}
	return &all[at]
}

func unserved(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	s.enroll(t, "do_2")
	must(t, s.NoteServed(t.Context(), []string{s.org, "org_other"}))
	served := s.clock(t)
	if got := s.alone(t, nil, true); got != nil {
		t.Errorf("told of %+v, though nothing is released", got)
	}
	r.State, r.Release.IntendedAt = journal.ConfirmingRelease, then
	must(t, s.Save(t.Context(), r, then))
	if got := s.alone(t, nil, false); got != nil {
		t.Errorf("told of %+v, though a worker served it just now", got)
	}
	if got := s.alone(t, []string{s.org}, true); got != nil {
		t.Errorf("told of %+v, though it is configured", got)
	}
	got := s.alone(t, nil, true)
	if got == nil || got.Released != 1 || got.Unsent != 1 || served.Sub(got.Since).Abs() > 5*time.Second {
		t.Errorf("told of %+v, want one released and not sent", got)
	}

	long := float64(served.Add(-3 * time.Minute).UnixMilli())
	must(t, s.rdb.ZAdd(t.Context(), journal.ServedKey(), redis.Z{Score: long, Member: s.org}).Err())
	r.State, r.Replacement.ID, r.Replacement.SentAt = journal.Confirming, "do_1_new", then
	must(t, s.Save(t.Context(), r, then))
	if got := s.alone(t, []string{"org_other"}, false); got == nil || got.Released != 1 || got.Unsent != 0 {
		t.Errorf("told of %+v, want one released and sent", got)
	}
	r.Reason = journal.FallbackSilent
	s.rest(t, r, journal.NeedsPerson)
	if got := s.alone(t, nil, false); got == nil || got.Released != 1 {
		t.Errorf("told of %+v, want what needs a person too", got)
	}
	must(t, s.NoteServed(t.Context(), []string{s.org}))
	if got := s.alone(t, nil, false); got != nil {
		t.Errorf("told of %+v, though a worker serves it again", got)
	}
	r.Reason = ""
	s.rest(t, r, journal.Reassigned)
	if got := s.alone(t, nil, true); got != nil {
		t.Errorf("told of %+v, though it is over", got)
	}
}

func unservedCount(t *testing.T, s *store) {
	must(t, s.NoteServed(t.Context(), []string{s.org}))
	const n = journal.ListPage + 50
	for i := range n {
		r := s.enroll(t, fmt.Sprint("do_", i))
		if i%2 == 0 {
			r.State, r.Release.IntendedAt = journal.ConfirmingRelease, then
			must(t, s.Save(t.Context(), r, then))
		}
	}
	if got := s.alone(t, nil, true); got == nil || got.Released != n/2 {
		t.Errorf("told of %+v, want %d released", got, n/2)
	}
}
