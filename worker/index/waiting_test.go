package index_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

// waiting are the stories of messages that waited on disk before they were put.
var waiting = []story{
	{"of equal dates the later arrival wins, whichever is put first", laterStampWins},
	{"what has no date is as new as its arrival, whichever is put first", undatedStamp},
	{"what waited makes no gap, and ends one when it came", waitedInTime},
	{"what is two days old when it comes says nothing of gaps", oldIsNoGap},
	{"an arrival is never later than now", stampAhead},
	{"the last arrival is the latest", lastIsLatest},
	{"of slugs of equal dates the later arrival wins", slugStamp},
	{"what is put twice is put once", putTwice},
	{"what a Redis that stood still ran late hides nothing that came after it", ranLate},
}

// arrived is the store for what came so many seconds before now, and waited since.
func (s *store) arrived(t *testing.T, now time.Time, secondsAgo int) *store {
	t.Helper()
	return &store{Index: s.Arrived(now.Add(-time.Duration(secondsAgo) * time.Second)), rdb: s.rdb, org: s.org}
}

func laterStampWins(t *testing.T, s *store) {
	now := redisClock(t, s)
	date := now.Add(-time.Minute)
	for name, order := range map[string][]int{"in order": {30, 20, 10}, "backwards": {10, 20, 30}, "mixed": {20, 10, 30}} {
		one := *s
		one.org += name
		for _, ago := range order {
			_, err := one.arrived(t, now, ago).Put(t.Context(), one.org, at(date, fmt.Sprint("STATUS_", ago)), "")
			must(t, err)
		}
		one.dated(t, "STATUS_10", date)
	}
	direct := *s
	direct.org += "a read"
	direct.put(t, at(date, "READ"), "", true)
	direct.arrived(t, now, 5).put(t, at(date, "OLDER"), "m1", false)
	direct.dated(t, "READ", date)
}

func undatedStamp(t *testing.T, s *store) {
	now := redisClock(t, s)
	for name, test := range map[string]struct {
		dated, came, undatedCame int // seconds ago
		want                     string
	}{
		"it came later":                      {100, 99, 50, "UNDATED"},
		"it came before":                     {20, 19, 50, "DATED"},
		"the other is dated when it came":    {50, 40, 50, "DATED"},
		"the other came long after its date": {4000, 10, 50, "UNDATED"},
	} {
		for _, first := range []string{"dated", "undated"} {
			one := *s
			one.org += name + first
			puts := []func(){
				func() {
					_, err := one.arrived(t, now, test.came).Put(t.Context(), one.org, at(now.Add(-time.Duration(test.dated)*time.Second), "DATED"), "")
					must(t, err)
				},
				func() {
					_, err := one.arrived(t, now, test.undatedCame).Put(t.Context(), one.org, at(time.Time{}, "UNDATED"), "")
					must(t, err)
				},
			}
			if first == "undated" {
				puts[0], puts[1] = puts[1], puts[0]
			}
			puts[0]()
			puts[1]()
			if e, _, err := one.Get(t.Context(), one.org, "do_1"); err != nil || e.Status != test.want {
				t.Errorf("%s, the %s first: it is %s, %v, want %s", name, first, e.Status, err, test.want)
			}
		}
	}
}

func waitedInTime(t *testing.T, s *store) {
	now := redisClock(t, s)
	must(t, s.arrived(t, now, 3000).MarkSeen(t.Context(), s.org, "m1", now.Add(-3001*time.Second)))
	if a := ageOf(t, s); !a.BehindSince.IsZero() || !a.Since.Equal(now.Add(-3000*time.Second)) {
		t.Errorf("it is %+v, want it to listen since the message came, and to lack nothing", a)
	}
	must(t, s.arrived(t, now, 2000).MarkSeen(t.Context(), s.org, "m2", now.Add(-2900*time.Second)))
	must(t, s.arrived(t, now, 1000).MarkSeen(t.Context(), s.org, "m3", now.Add(-1001*time.Second)))
	if a := ageOf(t, s); len(a.Gaps) != 1 || !a.Gaps[0].To.Equal(now.Add(-1000*time.Second)) {
		t.Errorf("it is %+v, want one gap that ended when a message came in time", a)
	}
}

func oldIsNoGap(t *testing.T, s *store) {
	now := redisClock(t, s)
	must(t, s.MarkSeen(t.Context(), s.org, "m1", now.Add(-49*time.Hour)))
	if a := ageOf(t, s); !a.BehindSince.IsZero() {
		t.Errorf("it is behind since %s", a.BehindSince)
	}
	must(t, s.MarkSeen(t.Context(), s.org, "m2", now.Add(-47*time.Hour)))
	must(t, s.MarkSeen(t.Context(), s.org, "m3", now.Add(-49*time.Hour)))
	if a := ageOf(t, s); !a.BehindSince.Equal(now.Add(-47*time.Hour)) || len(a.Gaps) > 0 {
		t.Errorf("it is %+v, want it behind since the message of 47 hours ago", a)
	}
	s.put(t, at(now.Add(-49*time.Hour), "PENDING"), "m4", true) // newer than nothing
	s.put(t, at(now.Add(-50*time.Hour), "OPENED"), "m5", false)
}

func stampAhead(t *testing.T, s *store) {
	now := redisClock(t, s)
	ahead := &store{Index: s.Arrived(now.Add(time.Hour)), rdb: s.rdb, org: s.org}
	ahead.put(t, at(now.Add(30*time.Minute), "DRAFT"), "m1", true)
	s.dated(t, "DRAFT", now)
	ahead.put(t, at(time.Time{}, "PENDING"), "m2", true)
	s.dated(t, "PENDING", now)
	s.put(t, at(redisClock(t, s), "OPENED"), "m3", true)
}

func lastIsLatest(t *testing.T, s *store) {
	now := redisClock(t, s)
	must(t, s.MarkSeen(t.Context(), s.org, "m1", now))
	last := ageOf(t, s).Last
	must(t, s.arrived(t, now, 60).MarkSeen(t.Context(), s.org, "m2", now.Add(-time.Minute)))
	if got := ageOf(t, s).Last; !got.Equal(last) {
		t.Errorf("it heard last at %s, want %s still", got, last)
	}
}

func slugStamp(t *testing.T, s *store) {
	now := redisClock(t, s)
	for _, ago := range []int{10, 30} {
		must(t, s.arrived(t, now, ago).PutLocation(t.Context(), s.org, index.Location{ID: "loc_1", Slug: fmt.Sprint("slug-", ago), Date: now.Add(-time.Minute)}))
		must(t, s.arrived(t, now, ago).PutLocation(t.Context(), s.org, index.Location{ID: fmt.Sprint("loc_of_", ago), Slug: "shared", Date: now.Add(-time.Minute)}))
	}
	s.called(t, map[string]string{"loc_1": "slug-10", "loc_of_10": "shared", "loc_of_30": ""})
}

func putTwice(t *testing.T, s *store) {
	now := redisClock(t, s)
	waited := s.arrived(t, now, 20)
	waited.put(t, at(now.Add(-time.Minute), "DRAFT"), "", true)
	s.put(t, at(now.Add(-30*time.Second), "PENDING"), "", true)
	waited.put(t, at(now.Add(-time.Minute), "DRAFT"), "", false) // its process died before it noted that this was done
	s.dated(t, "PENDING", now.Add(-30*time.Second))
}

func ranLate(t *testing.T, s *store) {
	now := redisClock(t, s)
	for name, date := range map[string]time.Time{"of equal dates": now.Add(-time.Minute), "without dates": {}} {
		one := *s
		one.org += name
		one.put(t, at(date, "FIRST"), "m1", true) // though its sender had given up, and kept it on disk
		if _, err := one.arrived(t, now, 20).Put(t.Context(), one.org, at(date, "FIRST"), "m1"); !errors.Is(err, index.ErrRepeated) {
			t.Errorf("%s: got %v, want that it was there before", name, err)
		}
		one.arrived(t, now, 10).put(t, at(date, "SECOND"), "m2", true)
		if e, _, err := one.Get(t.Context(), one.org, "do_1"); err != nil || e.Status != "SECOND" {
			t.Errorf("%s: it is %s, %v, want what came later", name, e.Status, err)
		}
	}
}
