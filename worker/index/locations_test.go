package index_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"happycolis-reassigner/worker/index"
)

var placing = []story{
	{"a location is known by id and by slug", place},
	{"what is not told of a location erases nothing", placeAgain},
	{"a delivery order makes its location known, and erases nothing", placeOfOrder},
	{"a location that cannot be read is not known, and is written anew", corruptPlace},
	{"a slug that passes to another location is taken from the one before", slugPasses},
	{"what tells late of a slug takes nothing back", slugLate},
	{"two locations swap their slugs, whoever is told of first", slugSwap},
	{"a slug that an earlier release stored without its date is anybody's", slugUndated},
	{"a slug that was dated in the future is held for no longer than its arrival", slugFuture},
	{"a location that takes orders at once after all is known as that, unless told late", acceptsAtOnce},
	{"64 at once leave a slug with one location", raceForSlug},
	{"what many tell at once of one location is all kept, and it is one location", raceForPlace},
	{"shipments are noted at their location, with the delivery order once it is known", shipments},
}

func place(t *testing.T, s *store) {
	wantPlaceID(t, s, "paris", "")
	paris := index.Location{ID: "loc_paris", Slug: "paris", AcceptsFrom: noon}
	must(t, s.PutLocation(t.Context(), s.org, paris))
	must(t, s.PutLocation(t.Context(), s.org, index.Location{ID: "loc_lyon"}))
	wantPlace(t, s, paris)
	wantPlaceID(t, s, "paris", "loc_paris")
	wantPlaceID(t, s, "loc_paris", "loc_paris")
	wantPlaceID(t, s, "loc_lyon", "loc_lyon")
	wantPlaceID(t, s, "lyon", "")
	all, err := s.Locations(t.Context(), s.org)
	must(t, err)
	slices.SortFunc(all, func(a, b index.Location) int { return strings.Compare(a.ID, b.ID) })
	if diff := cmp.Diff([]index.Location{{ID: "loc_lyon"}, paris}, all); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}

func placeAgain(t *testing.T, s *store) {
	must(t, s.PutLocation(t.Context(), s.org, index.Location{ID: "loc_paris", Slug: "paris", AcceptsFrom: noon}))
	must(t, s.PutLocation(t.Context(), s.org, index.Location{ID: "loc_paris"}))
	wantPlace(t, s, index.Location{ID: "loc_paris", Slug: "paris", AcceptsFrom: noon})
	renamed := index.Location{ID: "loc_paris", Slug: "paris-north", AcceptsFrom: noon.Add(time.Hour)}
	must(t, s.PutLocation(t.Context(), s.org, renamed))
	wantPlace(t, s, renamed)
	wantPlaceID(t, s, "paris-north", "loc_paris")
}

func placeOfOrder(t *testing.T, s *store) {
	s.put(t, order("do_1", 1), "m1", true)
	wantPlace(t, s, index.Location{ID: "loc_paris"})
	paris := index.Location{ID: "loc_paris", Slug: "paris", AcceptsFrom: noon}
	must(t, s.PutLocation(t.Context(), s.org, paris))
	s.put(t, order("do_1", 2), "m2", true)
	wantPlace(t, s, paris)
	late := order("do_1", 0)
	late.Location = "loc_lyon"
	s.put(t, late, "m3", false)
	wantPlace(t, s, index.Location{ID: "loc_lyon"})
	nowhere := order("do_2", 0)
	nowhere.Location = ""
	s.put(t, nowhere, "m4", true)
	if all, err := s.Locations(t.Context(), s.org); err != nil || len(all) != 2 {
		t.Errorf("known locations: %v, %v, want Paris and Lyon", all, err)
	}
}

func corruptPlace(t *testing.T, s *store) {
	must(t, s.PutLocation(t.Context(), s.org, index.Location{ID: "loc_lyon"}))
	must(t, s.rdb.HSet(t.Context(), index.PlacesKey(s.org), "loc_paris", "{").Err())
	_, known, err := s.Location(t.Context(), s.org, "loc_paris")
	must(t, err)
	all, err := s.Locations(t.Context(), s.org)
	must(t, err)
	if known || len(all) != 1 {
		t.Errorf("it is known: %t, and listed among %d, want not, and 1", known, len(all))
	}
	paris := index.Location{ID: "loc_paris", Slug: "paris"}
	must(t, s.PutLocation(t.Context(), s.org, paris))
	wantPlace(t, s, paris)
}

// calls tells of the slug of a location, dated the given number of seconds after noon.
func (s *store) calls(t *testing.T, id, slug string, second int) {
	t.Helper()
	must(t, s.PutLocation(t.Context(), s.org, index.Location{ID: id, Slug: slug, Date: noon.Add(time.Duration(second) * time.Second)}))
}

// called wants the locations to have these slugs, and each slug to be that location.
func (s *store) called(t *testing.T, want map[string]string) {
	t.Helper()
	for id, slug := range want {
		wantPlace(t, s, index.Location{ID: id, Slug: slug})
		if slug != "" {
			wantPlaceID(t, s, slug, id)
		}
	}
}

func slugPasses(t *testing.T, s *store) {
	s.calls(t, "loc_old", "lyon", 0)
	s.calls(t, "loc_new", "lyon", 20)
	s.called(t, map[string]string{"loc_old": "", "loc_new": "lyon"})
	s.calls(t, "loc_old", "lyon-old", 10) // what happened before, and comes late
	s.called(t, map[string]string{"loc_old": "lyon-old", "loc_new": "lyon"})
	s.calls(t, "loc_new", "lyon-south", 30)
	s.called(t, map[string]string{"loc_old": "lyon-old", "loc_new": "lyon-south"})
	wantPlaceID(t, s, "lyon", "")
	s.calls(t, "loc_old", "lyon", 40)
	s.called(t, map[string]string{"loc_old": "lyon", "loc_new": "lyon-south"})
	wantPlaceID(t, s, "lyon-old", "")
}

func slugLate(t *testing.T, s *store) {
	s.calls(t, "loc_old", "lyon-old", 10)
	s.calls(t, "loc_new", "lyon", 20)
	s.calls(t, "loc_old", "lyon", 0) // older than what is known of itself
	s.called(t, map[string]string{"loc_old": "lyon-old", "loc_new": "lyon"})
	s.calls(t, "loc_third", "lyon", 15) // never heard of before, and older than what is known of the slug
	s.called(t, map[string]string{"loc_third": "", "loc_new": "lyon"})
	s.calls(t, "loc_old", "lyon", 20) // of equal dates the later arrival
	s.called(t, map[string]string{"loc_old": "lyon", "loc_new": ""})
}

func slugSwap(t *testing.T, s *store) {
	for name, order := range map[string][]int{"in their order": {0, 1}, "the other way": {1, 0}} {
		one := *s
		one.org += name
		one.calls(t, "loc_a", "lyon", 0)
		one.calls(t, "loc_b", "lille", 0)
		for _, i := range order {
			one.calls(t, []string{"loc_a", "loc_b"}[i], []string{"lille", "lyon"}[i], 10+i)
		}
		one.called(t, map[string]string{"loc_a": "lille", "loc_b": "lyon"})
	}
}

func slugUndated(t *testing.T, s *store) {
	must(t, s.rdb.HSet(t.Context(), index.PlacesKey(s.org), "loc_old", `{"id":"loc_old","slug":"lyon","accept":"2026-06-01T00:00:00Z"}`).Err())
	must(t, s.rdb.HSet(t.Context(), index.SlugsKey(s.org), "lyon", "loc_old").Err())
	wantPlaceID(t, s, "lyon", "loc_old")
	s.calls(t, "loc_new", "lyon", -1000)
	s.called(t, map[string]string{"loc_new": "lyon"})
	wantPlace(t, s, index.Location{ID: "loc_old", AcceptsFrom: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
}

func slugFuture(t *testing.T, s *store) {
	now := redisClock(t, s)
	put := func(id string, date time.Time) {
		must(t, s.PutLocation(t.Context(), s.org, index.Location{ID: id, Slug: "lyon", Date: date}))
	}
	put("loc_old", now.Add(2*time.Hour))
	put("loc_third", now.Add(-time.Hour))
	s.called(t, map[string]string{"loc_old": "lyon", "loc_third": ""})
	put("loc_new", now.Truncate(time.Second)) // a read of ours
	s.called(t, map[string]string{"loc_old": "", "loc_new": "lyon"})
}

func acceptsAtOnce(t *testing.T, s *store) {
	put := func(p index.Location, second int) {
		p.ID, p.Date = "loc_lyon", noon.Add(time.Duration(second)*time.Second)
		must(t, s.PutLocation(t.Context(), s.org, p))
	}
	june := noon.Add(14 * 24 * time.Hour)
	put(index.Location{Slug: "lyon", AcceptsFrom: june}, 10)
	put(index.Location{Slug: "lyon"}, 20) // a read, which cannot tell
	wantPlace(t, s, index.Location{ID: "loc_lyon", Slug: "lyon", AcceptsFrom: june})
	put(index.Location{AcceptsKnown: true}, 5)
	wantPlace(t, s, index.Location{ID: "loc_lyon", Slug: "lyon", AcceptsFrom: june})
	put(index.Location{AcceptsKnown: true}, 15)
	wantPlace(t, s, index.Location{ID: "loc_lyon", Slug: "lyon"})
	put(index.Location{AcceptsFrom: june}, 12)
	wantPlace(t, s, index.Location{ID: "loc_lyon", Slug: "lyon"})
}

// callers are how many goroutines set the same slug at once.
const callers = 64

func raceForSlug(t *testing.T, s *store) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range callers {
		all.Go(func() {
			<-start
			if err := s.PutLocation(t.Context(), s.org, index.Location{ID: fmt.Sprint("loc_", i), Slug: "lyon", Date: noon}); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
	places, err := s.Locations(t.Context(), s.org)
	must(t, err)
	bears := slices.DeleteFunc(places, func(p index.Location) bool { return p.Slug == "" })
	if len(places) != callers || len(bears) != 1 {
		t.Fatalf("%d of %d locations are called lyon, want one of %d", len(bears), len(places), callers)
	}
	wantPlaceID(t, s, "lyon", bears[0].ID)
}

func raceForPlace(t *testing.T, s *store) {
	for round := range 8 {
		location := fmt.Sprint("loc_", round)
		want := index.Location{ID: location, Slug: fmt.Sprint("slug_", round), AcceptsFrom: noon}
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range callers {
			all.Go(func() {
				<-start
				heard := []index.Location{{ID: location, Slug: want.Slug, Date: noon}, {ID: location, AcceptsFrom: want.AcceptsFrom, Date: noon}, {ID: location}}[i%3]
				if err := s.PutLocation(t.Context(), s.org, heard); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		wantPlace(t, s, want)
		wantPlaceID(t, s, want.Slug, location)
		if places, err := s.Locations(t.Context(), s.org); err != nil || len(places) != round+1 {
			t.Errorf("%d locations are known, %v, want %d", len(places), err, round+1)
		}
	}
}

func shipments(t *testing.T, s *store) {
	for _, noted := range [][2]string{{"sh_1", ""}, {"sh_2", "do_2"}, {"sh_1", "do_1"}, {"sh_2", ""}, {"sh_3", ""}} {
		must(t, s.PutShipment(t.Context(), s.org, "loc_paris", noted[0], noted[1]))
	}
	for location, want := range map[string]map[string]string{"loc_paris": {"sh_1": "do_1", "sh_2": "do_2", "sh_3": ""}, "loc_lyon": {}} {
		noted, err := s.Shipments(t.Context(), s.org, location)
		must(t, err)
		got := map[string]string{}
		for _, sh := range noted {
			got[sh.ID] = sh.DeliveryOrder
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("shipments at %s (-want +got):\n%s", location, diff)
		}
	}
}

func wantPlace(t *testing.T, s *store, want index.Location) {
	t.Helper()
	got, known, err := s.Location(t.Context(), s.org, want.ID)
	must(t, err)
	if !known {
		t.Fatalf("%s is not known", want.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("location (-want +got):\n%s", diff)
	}
}

func wantPlaceID(t *testing.T, s *store, name, want string) {
	t.Helper()
	got, err := s.LocationID(t.Context(), s.org, name)
	must(t, err)
	if got != want {
		t.Errorf("%q is location %q, want %q", name, got, want)
	}
}
