package index_test

import (
	"slices"
	"strings"
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
	{"shipments are noted at their location, with the delivery order once it is known", shipments},
}

func place(t *testing.T, s *store) {
	wantPlaceID(t, s, "paris", "")
	paris := index.Place{ID: "loc_paris", Slug: "paris", Accept: noon}
	must(t, s.PutPlace(t.Context(), s.org, paris))
	must(t, s.PutPlace(t.Context(), s.org, index.Place{ID: "loc_lyon"}))
	wantPlace(t, s, paris)
	wantPlaceID(t, s, "paris", "loc_paris")
	wantPlaceID(t, s, "loc_paris", "loc_paris")
	wantPlaceID(t, s, "loc_lyon", "loc_lyon")
	wantPlaceID(t, s, "lyon", "")
	all, err := s.Places(t.Context(), s.org)
	must(t, err)
	slices.SortFunc(all, func(a, b index.Place) int { return strings.Compare(a.ID, b.ID) })
	if diff := cmp.Diff([]index.Place{{ID: "loc_lyon"}, paris}, all); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}

func placeAgain(t *testing.T, s *store) {
	must(t, s.PutPlace(t.Context(), s.org, index.Place{ID: "loc_paris", Slug: "paris", Accept: noon}))
	must(t, s.PutPlace(t.Context(), s.org, index.Place{ID: "loc_paris"}))
	wantPlace(t, s, index.Place{ID: "loc_paris", Slug: "paris", Accept: noon})
	renamed := index.Place{ID: "loc_paris", Slug: "paris-north", Accept: noon.Add(time.Hour)}
	must(t, s.PutPlace(t.Context(), s.org, renamed))
	wantPlace(t, s, renamed)
	wantPlaceID(t, s, "paris-north", "loc_paris")
}

func placeOfOrder(t *testing.T, s *store) {
	s.put(t, order("do_1", 1), "m1", true)
	wantPlace(t, s, index.Place{ID: "loc_paris"})
	paris := index.Place{ID: "loc_paris", Slug: "paris", Accept: noon}
	must(t, s.PutPlace(t.Context(), s.org, paris))
	s.put(t, order("do_1", 2), "m2", true)
	wantPlace(t, s, paris)
	late := order("do_1", 0)
	late.Location = "loc_lyon"
	s.put(t, late, "m3", false)
	wantPlace(t, s, index.Place{ID: "loc_lyon"})
	nowhere := order("do_2", 0)
	nowhere.Location = ""
	s.put(t, nowhere, "m4", true)
	if all, err := s.Places(t.Context(), s.org); err != nil || len(all) != 2 {
		t.Errorf("known locations: %v, %v, want Paris and Lyon", all, err)
	}
}

func corruptPlace(t *testing.T, s *store) {
	must(t, s.PutPlace(t.Context(), s.org, index.Place{ID: "loc_lyon"}))
	must(t, s.rdb.HSet(t.Context(), index.PlacesKey(s.org), "loc_paris", "{").Err())
	_, known, err := s.Place(t.Context(), s.org, "loc_paris")
	must(t, err)
	all, err := s.Places(t.Context(), s.org)
	must(t, err)
	if known || len(all) != 1 {
		t.Errorf("it is known: %t, and listed among %d, want not, and 1", known, len(all))
	}
	paris := index.Place{ID: "loc_paris", Slug: "paris"}
	must(t, s.PutPlace(t.Context(), s.org, paris))
	wantPlace(t, s, paris)
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

func wantPlace(t *testing.T, s *store, want index.Place) {
	t.Helper()
	got, known, err := s.Place(t.Context(), s.org, want.ID)
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
	got, err := s.PlaceID(t.Context(), s.org, name)
	must(t, err)
	if got != want {
		t.Errorf("%q is location %q, want %q", name, got, want)
	}
}
