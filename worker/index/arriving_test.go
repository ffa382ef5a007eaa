package index_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/redistest"
)

// arriving are the stories of dates that lie in the future.
var arriving = []story{
	{"what is dated in the future counts as its arrival", futureArrives},
	{"a read that is dated in the future counts as its arrival", futureRead},
	{"what has no date counts as its arrival", undatedArrives},
	{"what arrives dated in the future is the latest, whatever is there", futureIsLatest},
	{"a minute in the future is believed", minuteBelieved},
	{"an entry that an earlier release dated in the future holds nothing up", frozenEntry},
	{"a refused cancellation is not announced in the future", futureRejection},
	{"a date in the future opens no gap, ends none, and is told once", futureGap},
	{"an entry of an earlier release that is finished and dated in the future is forgotten in time", futureExpires},
}

// at is order one with a date.
func at(date time.Time, status string) index.Entry {
	e := order("do_1", 0)
	e.Date, e.Status = date, status
	return e
}

// dated wants the entry of order one to have a status and a date, give or take.
func (s *store) dated(t *testing.T, status string, date time.Time) {
	t.Helper()
	e, known, err := s.Get(t.Context(), s.org, "do_1")
	must(t, err)
	if !known || e.Status != status || e.Date.Sub(date).Abs() > 10*time.Second {
		t.Errorf("it is known %t as %s of %s, want %s of %s", known, e.Status, e.Date, status, date)
	}
}

func futureArrives(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.put(t, at(now.Add(10*24*time.Hour), "DRAFT"), "m1", true)
	s.dated(t, "DRAFT", now)
	s.put(t, at(now.Add(-time.Hour), "OPENED"), "late", false)
	s.dated(t, "DRAFT", now)
	s.put(t, at(redisClock(t, s), "PENDING"), "m2", true)
	s.dated(t, "PENDING", now)
	s.put(t, at(now.Add(-30*time.Second), "OPENED"), "m3", false) // the date before was a real one
}

func futureRead(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.put(t, at(now.Add(2*time.Hour), "DRAFT"), "", true)
	s.dated(t, "DRAFT", now)
	// The platform dates a read by the second before; nor need its clock be ours.
	s.put(t, at(now.Truncate(time.Second), "PENDING"), "", true)
	s.dated(t, "PENDING", now)
}

func undatedArrives(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.put(t, at(now.Add(-time.Hour), "DRAFT"), "m1", true)
	undated := at(time.Time{}, "PENDING")
	undated.Facts.CancelRejected = now
	s.put(t, undated, "m2", true)
	s.dated(t, "PENDING", now)
	s.put(t, at(now.Add(-30*time.Second), "OPENED"), "m3", true)
	must(t, s.MarkSeen(t.Context(), s.org, "m4", time.Time{}))
	if a := ageOf(t, s); !a.BehindSince.IsZero() {
		t.Errorf("the index is behind since %s, want not: what has no date is not late", a.BehindSince)
	}
}

func futureIsLatest(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.put(t, at(now.Add(50*time.Second), "DRAFT"), "m1", true) // the platform's clock is ahead of ours, and may be
	s.put(t, at(now.Add(70*time.Second), "PENDING"), "m2", true)
	s.dated(t, "PENDING", now.Add(50*time.Second))
	s.put(t, at(now.Add(55*time.Second), "OPENED"), "m3", true)
	s.dated(t, "OPENED", now.Add(55*time.Second))
}

func minuteBelieved(t *testing.T, s *store) {
	now := redisClock(t, s)
	s.put(t, at(now.Add(50*time.Second), "PENDING"), "m1", true)
	s.put(t, at(now.Add(45*time.Second), "DRAFT"), "m2", false)
	s.dated(t, "PENDING", now.Add(50*time.Second))
}

func frozenEntry(t *testing.T, s *store) {
	now := redisClock(t, s)
	for name, write := range map[string]func(*store){
		"a webhook": func(s *store) { s.put(t, at(now.Add(-time.Minute), "PENDING"), "m2", true) },
		"a read":    func(s *store) { s.put(t, at(now.Add(-time.Minute), "PENDING"), "", true) },
	} {
		one := *s
		one.org += name
		e := told(at(now.Add(-time.Hour), "DRAFT"))
		e.Facts.CancelRejected = e.Date
		one.put(t, e, "m1", true)
		ahead := now.Add(10 * 24 * time.Hour).UnixMilli()
		must(t, one.rdb.HSet(t.Context(), index.EntryKey(one.org, "do_1"), "date", ahead, "told_date", ahead, "cancel_rejected", ahead).Err())
		write(&one)
		one.dated(t, "PENDING", now.Add(-time.Minute))
		again := at(now.Add(-30*time.Second), "OPENED")
		again.Facts.OrderType, again.Facts.CancelRejected = "B2B", again.Date
		one.put(t, again, "m3", true)
		got, _, err := one.Get(t.Context(), one.org, "do_1")
		must(t, err)
		if got.Facts.OrderType != "B2B" || !got.Facts.CancelRejected.Equal(again.Date) {
			t.Errorf("%s: of the later message is known %+v, want its type and its refusal", name, got.Facts)
		}
	}
}

func futureRejection(t *testing.T, s *store) {
	now := redisClock(t, s)
	e := at(now.Add(2*time.Hour), "PENDING")
	e.Facts.CancelRejected = e.Date
	s.put(t, e, "m1", true)
	got, _, err := s.Get(t.Context(), s.org, "do_1")
	must(t, err)
	if off := got.Facts.CancelRejected.Sub(now); off < 0 || off > 10*time.Second {
		t.Errorf("the refusal was announced at %s, want when it came, %s", got.Facts.CancelRejected, now)
	}
}

func futureGap(t *testing.T, s *store) {
	now := redisClock(t, s)
	var told []time.Duration
	s.OnFutureDate = func(organization string, by time.Duration) {
		if organization != s.org {
			t.Errorf("told of %q, want of %q", organization, s.org)
		}
		told = append(told, by.Round(time.Minute))
	}
	must(t, s.MarkSeen(t.Context(), s.org, "m1", now.Add(-2*time.Hour)))
	must(t, s.MarkSeen(t.Context(), s.org, "m2", now.Add(2*time.Hour)))
	if a := ageOf(t, s); !a.BehindSince.Equal(now.Add(-2*time.Hour)) || len(a.Gaps) > 0 {
		t.Errorf("age is %+v, want it behind still: of a wrong date nobody knows whether it came in time", a)
	}
	thin := at(now.Add(3*time.Hour), "DRAFT")
	thin.Lines, thin.Events = nil, nil
	s.put(t, thin, "m3", true)
	s.put(t, thin, "m4", true)
	s.put(t, at(now, "DRAFT"), "m6", true)
	if diff := cmp.Diff([]time.Duration{2 * time.Hour, 3 * time.Hour, 3 * time.Hour}, told); diff != "" {
		t.Errorf("told of dates in the future by (-want +got):\n%s", diff)
	}
}

func futureExpires(t *testing.T, s *store) {
	now := redisClock(t, s)
	done := order("do_done", 0)
	done.Status = "COMPLETED"
	s.put(t, done, "m1", true)
	must(t, s.rdb.HSet(t.Context(), index.EntryKey(s.org, "do_done"), "date", now.Add(240*time.Hour).UnixMilli()).Err())
	s.expires(t, now.Add(-time.Hour), 0)
	s.expires(t, now.Add(time.Minute), 1)
}

// TestWhatWasCancelledIsListedByItsArrival needs a clock that the test moves.
func TestWhatWasCancelledIsListedByItsArrival(t *testing.T) {
	t.Parallel()
	server := redistest.StartEmbedded(t)
	s := &store{Index: index.New(redistest.NewClient(t, server.Addr())), org: "org_1"}
	ends := func(day int, id string, dated time.Duration) {
		t.Helper()
		arrival := noon.Add(time.Duration(day) * 24 * time.Hour)
		server.SetTime(arrival)
		e := order(id, 0)
		e.Date = arrival.Add(min(0, dated) - time.Minute)
		s.put(t, e, "", true)
		e.Date, e.Lines[0].Status = arrival.Add(dated), "CANCELED"
		s.put(t, e, "end of "+id, true)
	}
	listed := func(since time.Time, want ...string) {
		t.Helper()
		got, err := s.Cancelled(t.Context(), s.org, "loc_paris", since, 10)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("cancelled since %s (-want +got):\n%s", since, diff)
		}
	}
	ends(0, "do_a", 0)
	ends(1, "do_b", -9*time.Hour) // the platform's queue was blocked
	ends(2, "do_c", 30*24*time.Hour)
	listed(noon.Add(-time.Hour), "do_a", "do_b", "do_c")
	listed(noon.Add(24*time.Hour-time.Minute), "do_b", "do_c")
	ends(8, "do_d", 0)
	listed(time.Time{}, "do_c", "do_d") // a week is remembered
}

// TestTheLatestShipmentsAreKeptByTheirArrival notes more than are kept, each later than the one before by Redis's clock.
func TestTheLatestShipmentsAreKeptByTheirArrival(t *testing.T) {
	t.Parallel()
	server := redistest.StartEmbedded(t)
	s := &store{Index: index.New(redistest.NewClient(t, server.Addr())), org: "org_1"}
	const most = 500
	for i := range most + 2 {
		server.SetTime(noon.Add(time.Duration(i) * time.Second))
		must(t, s.PutShipment(t.Context(), s.org, "loc_paris", fmt.Sprint("sh_", i), ""))
	}
	got, err := s.Shipments(t.Context(), s.org, "loc_paris")
	must(t, err)
	if len(got) != most || got[0].ID != fmt.Sprint("sh_", most+1) || got[most-1].ID != "sh_2" {
		t.Errorf("%d are kept, from %v to %v, want the latest %d", len(got), got[len(got)-1], got[0], most)
	}
}
