package ledger_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/redistest"
)

var stories = []story{
	{"the figure is what is usable less what is reserved, and never below none", figures},
	{"less than nothing is nothing", negativeFigures},
	{"only a valid reference counts", onlyValid},
	{"what is not told, or too old, is not known, with its age", notKnown},
	{"the newer figure wins, of equal dates the later arrival", newerFigure},
	{"a message that tells no units changes no figure", statusOnly},
	{"a stock message is taken once", stockOnce},
	{"a date in the future is reported", reportedDates},
	{"units are promised all or none", allOrNone},
	{"taking again takes nothing more", takenOnce},
	{"an owner that takes elsewhere gives back where it was", takesElsewhere},
	{"what is given back is free again", givenBack},
	{"where the rule asks for no stock, none is refused", unfenced},
	{"what was sent stays promised until a figure that was not written before", countedByFigure},
	{"a figure told after the preparing may count it", preparedCounts},
	{"no more begin than the capacity lets", capacityHolds},
	{"a place is given back with the units", placeBack},
	{"64 at once are never promised more than there is", raceForUnits},
	{"64 at once never begin more than may", raceForPlaces},
}

// stock stores a figure of mugs at Lyon, dated the given number of seconds after now.
func (s *store) stock(t *testing.T, usable, reserved, second int) {
	t.Helper()
	must(t, s.PutStock(t.Context(), s.org, mugs(usable, reserved, second), ""))
}

var today = time.Now().UTC().Truncate(time.Second)

func mugs(usable, reserved, second int) ledger.Stock {
	return ledger.Stock{Location: "loc_lyon", SKU: "MUG", Status: "VALID", Usable: &usable, Reserved: &reserved,
		Date: today.Add(time.Duration(second) * time.Second)}
}

// claim asks for mugs at Lyon.
func claim(owner string, units int) ledger.Reservation {
	return ledger.Reservation{Owner: owner, Location: "loc_lyon", Units: map[string]int{"MUG": units}, InStock: true}
}

func (s *store) take(t *testing.T, c ledger.Reservation, want bool) {
	t.Helper()
	got, err := s.Reserve(t.Context(), s.org, c, today)
	must(t, err)
	if got != want {
		t.Errorf("%s is promised %v at %s: %t, want %t", c.Owner, c.Units, c.Location, got, want)
	}
}

func (s *store) shelf(t *testing.T, location, owner string) ledger.Availability {
	t.Helper()
	got, err := s.Availability(t.Context(), s.org, ledger.Query{Location: location, Owner: owner, SKUs: []string{"MUG"}, At: today})
	must(t, err)
	return got
}

// left wants so many mugs to be left at Lyon for somebody who was promised nothing.
func (s *store) left(t *testing.T, want int) {
	t.Helper()
	if f := s.shelf(t, "loc_lyon", "").Stock["MUG"]; !f.Known || f.Available != want {
		t.Errorf("left are %+v, want %d", f, want)
	}
}

func figures(t *testing.T, s *store) {
	s.stock(t, 12, 2, 0)
	s.left(t, 10)
	s.stock(t, 2, 12, 1)
	s.left(t, 0)
}

func onlyValid(t *testing.T, s *store) {
	for i, status := range []string{"DRAFT", "ON_HOLD", "INVALID", "ARCHIVED", "SOMETHING_NEW"} {
		m := mugs(10, 0, i)
		m.Status = status
		must(t, s.PutStock(t.Context(), s.org, m, ""))
		s.left(t, 0)
		s.take(t, claim("re_1", 1), false)
	}
	s.stock(t, 10, 0, 9)
	s.left(t, 10)
}

func notKnown(t *testing.T, s *store) {
	if f, ever := s.shelf(t, "loc_lyon", "").Stock["MUG"]; ever {
		t.Errorf("a figure that was never told is %+v", f)
	}
	usable := 5
	for name, m := range map[string]ledger.Stock{
		"too old":                {Status: "VALID", Usable: &usable, Reserved: new(int), Date: today.Add(-ledger.StockFresh - time.Minute)},
		"its status is not told": {Usable: &usable, Reserved: new(int), Date: today.Add(-time.Minute)},
	} {
		m.Location, m.SKU = "loc of "+name, "MUG"
		must(t, s.PutStock(t.Context(), s.org, m, ""))
		f, ever := s.shelf(t, m.Location, "").Stock["MUG"]
		if want := (ledger.StockLevel{ToldAt: m.Date}); !ever || !cmp.Equal(want, f) {
			t.Errorf("%s: figure is %+v, %t, want %+v", name, f, ever, want)
		}
	}
}

func newerFigure(t *testing.T, s *store) {
	s.stock(t, 10, 0, 5)
	s.stock(t, 7, 0, 5)
	s.left(t, 7)
	s.stock(t, 99, 0, 4)
	s.left(t, 7)
	s.stock(t, 3, 0, 6)
	s.left(t, 3)
}

func statusOnly(t *testing.T, s *store) {
	s.stock(t, 10, 2, -60)
	must(t, s.PutStock(t.Context(), s.org, ledger.Stock{Location: "loc_lyon", SKU: "MUG", Status: "ON_HOLD", Date: today}, ""))
	s.left(t, 0)
	must(t, s.PutStock(t.Context(), s.org, ledger.Stock{Location: "loc_lyon", SKU: "MUG", Status: "VALID", Date: today}, ""))
	s.left(t, 8)
	if f := s.shelf(t, "loc_lyon", "").Stock["MUG"]; !f.ToldAt.Equal(today.Add(-time.Minute)) {
		t.Errorf("the figure is of %s, want of a minute before", f.ToldAt)
	}
}

func stockOnce(t *testing.T, s *store) {
	must(t, s.PutStock(t.Context(), s.org, mugs(10, 0, 0), "m1"))
	if err := s.PutStock(t.Context(), s.org, mugs(5, 0, 1), "m1"); err == nil {
		t.Error("a message was taken twice")
	}
	s.left(t, 10)
	if seen, err := s.index.IsSeen(t.Context(), s.org, "m1"); err != nil || !seen {
		t.Errorf("the message is seen: %t, %v", seen, err)
	}
}

func reportedDates(t *testing.T, s *store) {
	var reported []time.Duration
	s.index.OnFutureDate = func(organization string, by time.Duration) {
		if organization != s.org {
			t.Errorf("reported of %q, want of %q", organization, s.org)
		}
		reported = append(reported, by.Round(time.Minute))
	}
	s.stock(t, 99, 0, 4*60*60)
	if want := []time.Duration{4 * time.Hour}; !slices.Equal(reported, want) {
		t.Errorf("reported are dates in the future by %v, want %v", reported, want)
	}
}

func allOrNone(t *testing.T, s *store) {
	s.stock(t, 10, 0, 0)
	c := claim("re_1", 4)
	c.Units["TRAY"] = 1
	m := mugs(0, 0, 0)
	m.SKU = "TRAY"
	must(t, s.PutStock(t.Context(), s.org, m, ""))
	s.take(t, c, false)
	s.left(t, 10)
	if got := s.shelf(t, "loc_lyon", ""); got.StartedDay != 0 {
		t.Errorf("%d began, want none", got.StartedDay)
	}
}

func takenOnce(t *testing.T, s *store) {
	s.stock(t, 10, 0, 0)
	for range 3 {
		s.take(t, claim("re_1", 6), true)
		s.left(t, 4)
	}
	s.take(t, claim("re_2", 5), false)
	if f := s.shelf(t, "loc_lyon", "re_1").Stock["MUG"]; f.Available != 10 {
		t.Errorf("without its own promise re_1 sees %d, want 10", f.Available)
	}
	s.take(t, claim("re_1", 9), true) // what it needs became more
	s.left(t, 1)
	less := claim("re_1", 9)
	less.Units["CUP"] = 1
	s.take(t, less, true)
	s.take(t, claim("re_1", 9), true) // one SKU fewer
	if promised, err := s.rdb.HExists(t.Context(), ledger.StockKey(s.org, "loc_lyon", "CUP"), "reserved_by_us").Result(); err != nil || promised {
		t.Errorf("a cup is still promised: %t, %v", promised, err)
	}
	if got := s.shelf(t, "loc_lyon", ""); got.StartedDay != 1 || got.StartedHour != 1 {
		t.Errorf("%d began in an hour and %d in a day, want 1", got.StartedHour, got.StartedDay)
	}
}

func takesElsewhere(t *testing.T, s *store) {
	s.stock(t, 10, 0, 0)
	s.take(t, claim("re_1", 6), true)
	c := claim("re_1", 6)
	c.Location = "loc_lille"
	s.take(t, c, true)
	s.left(t, 10)
	if lyon, lille := s.shelf(t, "loc_lyon", ""), s.shelf(t, "loc_lille", ""); lyon.StartedDay != 0 || lille.StartedDay != 1 {
		t.Errorf("%d began at Lyon and %d at Lille, want 0 and 1", lyon.StartedDay, lille.StartedDay)
	}
}

func givenBack(t *testing.T, s *store) {
	s.stock(t, 10, 0, 0)
	s.take(t, claim("re_1", 10), true)
	must(t, s.Release(t.Context(), s.org, "re_1"))
	must(t, s.Release(t.Context(), s.org, "re_1"))
	must(t, s.Release(t.Context(), s.org, "re_unheard"))
	s.left(t, 10)
	s.take(t, claim("re_2", 10), true)
}

func unfenced(t *testing.T, s *store) {
	s.stock(t, 1, 0, 0)
	c := claim("re_1", 5)
	c.InStock = false
	s.take(t, c, true)
	s.left(t, 0)
	s.take(t, claim("re_2", 1), false)
}

func countedByFigure(t *testing.T, s *store) {
	s.stock(t, 10, 0, 0)
	s.take(t, claim("re_1", 4), true)
	s.stock(t, 10, 0, 5) // not sent yet: it may not be counted
	s.left(t, 6)
	must(t, s.Commit(t.Context(), s.org, "re_1", today.Add(10*time.Second)))
	s.left(t, 6)
	s.stock(t, 10, 0, 9) // written before the sending
	s.left(t, 6)
	must(t, s.Commit(t.Context(), s.org, "re_1", today.Add(time.Minute))) // told again: the first time counts
	s.stock(t, 10, 4, 11)
	s.left(t, 6)
	s.stock(t, 10, 0, 12)
	s.left(t, 10)
	if got := s.shelf(t, "loc_lyon", ""); got.StartedDay != 1 {
		t.Errorf("%d began in a day, want 1: the place stays taken", got.StartedDay)
	}
	must(t, s.Commit(t.Context(), s.org, "re_1", today))
	s.left(t, 10)
	must(t, s.Release(t.Context(), s.org, "re_1")) // the location rejects it
	s.left(t, 10)
	if got := s.shelf(t, "loc_lyon", ""); got.StartedDay != 0 {
		t.Errorf("%d began in a day, want none: the place is free again", got.StartedDay)
	}
}

func preparedCounts(t *testing.T, s *store) {
	s.stock(t, 2, 0, 0)
	s.take(t, claim("re_1", 2), true)
	s.stock(t, 2, 2, 3600)
	for prepared, want := range map[bool]int{true: 2, false: 0} {
		got, err := s.Availability(t.Context(), s.org, ledger.Query{Location: "loc_lyon", Owner: "re_1", SKUs: []string{"MUG"}, Prepared: prepared, At: today})
		must(t, err)
		if f := got.Stock["MUG"]; f.Available != want {
			t.Errorf("prepared %t: it sees %d, want %d", prepared, f.Available, want)
		}
	}
}

func capacityHolds(t *testing.T, s *store) {
	for i := range 5 {
		c := claim(fmt.Sprint("re_", i), 1)
		c.PerHour, c.PerDay = 3, 4
		s.take(t, c, i < 3)
	}
	c := claim("re_9", 1)
	c.PerDay = 4
	s.take(t, c, true)
	wait, err := s.NextFree(t.Context(), s.org, "loc_lyon", 3, 0)
	must(t, err)
	if wait <= 59*time.Minute || wait > time.Hour {
		t.Errorf("an hour frees in %s, want almost an hour", wait)
	}
	for name, limits := range map[string][2]int{"no limit": {0, 0}, "room": {5, 5}} {
		if wait, err := s.NextFree(t.Context(), s.org, "loc_lyon", limits[0], limits[1]); err != nil || wait != 0 {
			t.Errorf("%s frees in %s, %v, want at once", name, wait, err)
		}
	}
}

func placeBack(t *testing.T, s *store) {
	c := claim("re_1", 1)
	c.PerHour = 1
	s.take(t, c, true)
	c.Owner = "re_2"
	s.take(t, c, false)
	must(t, s.Release(t.Context(), s.org, "re_1"))
	s.take(t, c, true)
}

const callers = 64

// race lets 64 take at once, each a few times as a re-drive does, and returns how many were promised.
func (s *store) race(t *testing.T, want func(i int) ledger.Reservation) int {
	t.Helper()
	var took atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range callers {
		all.Go(func() {
			<-start
			promised := false
			for range 3 {
				ok, err := s.Reserve(t.Context(), s.org, want(i), today)
				if err != nil {
					t.Error(err)
				}
				promised = promised || ok
			}
			if promised {
				took.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	return int(took.Load())
}

func raceForUnits(t *testing.T, s *store) {
	s.stock(t, 50, 5, 0)
	if got := s.race(t, func(i int) ledger.Reservation { return claim(fmt.Sprint("re_", i), 2) }); got != 22 {
		t.Errorf("of 45 mugs %d handovers were promised 2 each, want 22", got)
	}
	s.left(t, 1)
}

func raceForPlaces(t *testing.T, s *store) {
	got := s.race(t, func(i int) ledger.Reservation {
		c := claim(fmt.Sprint("re_", i), 1)
		c.PerHour = 10
		return c
	})
	if got != 10 {
		t.Errorf("%d began, want 10 of the hour", got)
	}
	if shelf := s.shelf(t, "loc_lyon", ""); shelf.StartedHour != 10 || shelf.StartedDay != 10 {
		t.Errorf("%d began in an hour and %d in a day, want 10", shelf.StartedHour, shelf.StartedDay)
	}
}

// TestPlacesComeBackAsTheHourPasses needs a clock that the test moves.
func TestPlacesComeBackAsTheHourPasses(t *testing.T) {
	t.Parallel()
	server := redistest.StartEmbedded(t)
	s := newStore(redistest.NewClient(t, server.Addr()), "org_1")
	began := 0
	at := func(minute int, want bool) {
		t.Helper()
		server.SetTime(today.Add(time.Duration(minute) * time.Minute))
		c := claim(fmt.Sprint("re_", minute, began), 1)
		c.PerHour, c.PerDay = 2, 3
		s.take(t, c, want)
		began++
	}
	at(0, true)
	at(30, true)
	at(59, false)
	if wait, err := s.NextFree(t.Context(), s.org, "loc_lyon", 2, 3); err != nil || wait != time.Minute {
		t.Errorf("it frees in %s, %v, want a minute", wait, err)
	}
	at(60, true)
	at(100, false) // the day is full
	if wait, err := s.NextFree(t.Context(), s.org, "loc_lyon", 2, 3); err != nil || wait != 24*time.Hour-100*time.Minute {
		t.Errorf("it frees in %s, %v, want a day after the first", wait, err)
	}
	at(24*60, true)
}
