package index_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/index"
)

var flying = []story{
	{"the urgent come first, then the oldest", urgentFirst},
	{"a read of ours does not change the order", readKeepsOrder},
	{"one that moves is in flight where it went", moves},
	{"one whose priority changes is listed once", priorityChanges},
	{"what is completed or cancelled leaves", leaves},
	{"what is known in part stays in flight", stays},
	{"one that comes back is in flight again", comesBack},
	{"pages go on where they ended, whoever disappeared or appeared meanwhile", pagesMeanwhile},
}

func urgentFirst(t *testing.T, s *store) {
	for i, e := range []struct {
		id, priority string
		age          time.Duration
	}{
		{"low_old", "LOW", 9 * time.Hour}, {"normal_new", "NORMAL", time.Hour}, {"high_new", "HIGH", time.Minute},
		{"normal_old", "NORMAL", 2 * time.Hour}, {"high_old", "HIGH", time.Hour}, {"strange", "SOON", 90 * time.Minute},
	} {
		entry := order(e.id, i)
		entry.Priority, entry.Facts.Issued = e.priority, noon.Add(-e.age)
		s.put(t, entry, "m of "+entry.ID, true)
	}
	s.flight(t, "loc_paris", "high_old", "high_new", "normal_old", "strange", "normal_new", "low_old")
}

func readKeepsOrder(t *testing.T, s *store) {
	for i, id := range []string{"do_1", "do_2", "do_3"} {
		e := order(id, 0)
		e.Facts.Issued = noon.Add(time.Duration(i-9) * time.Hour)
		s.put(t, e, id, true)
	}
	s.put(t, order("do_3", 5), "", true)
	s.flight(t, "loc_paris", "do_1", "do_2", "do_3")
}

func moves(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "m1", true)
	s.put(t, order("do_2", 0), "m2", true)
	e := order("do_1", 1)
	e.Location = "loc_lyon"
	s.put(t, e, "m3", true)
	s.flight(t, "loc_paris", "do_2")
	s.flight(t, "loc_lyon", "do_1")
	e = order("do_1", 2)
	e.Location = ""
	s.put(t, e, "m4", true)
	s.flight(t, "loc_lyon")
}

func priorityChanges(t *testing.T, s *store) {
	s.put(t, order("do_1", 0), "m1", true)
	s.put(t, order("do_2", 0), "m2", true)
	e := order("do_2", 1)
	e.Priority = "HIGH"
	s.put(t, e, "m3", true)
	s.flight(t, "loc_paris", "do_2", "do_1")
}

func leaves(t *testing.T, s *store) {
	for name, change := range map[string]func(*index.Entry){
		"completed": func(e *index.Entry) { e.Status = "COMPLETED" },
		"cancelled": func(e *index.Entry) { e.Lines[0].Status = "CANCELED" },
		"cancelled, but for a line of 0 units": func(e *index.Entry) {
			e.Lines[0].Status = "CANCELED"
			e.Lines = append(e.Lines, index.Line{ID: "gift", Status: "PENDING", Empty: true})
		},
		"cancelled, all of 0 units": func(e *index.Entry) { e.Lines[0] = index.Line{ID: "gift", Status: "CANCELED", Empty: true} },
		"rejected":                  func(e *index.Entry) { e.Lines[0].Status = "REJECTED" },
		"cancelled and rejected": func(e *index.Entry) {
			e.Lines[0].Status = "REJECTED"
			e.Lines = append(e.Lines, index.Line{ID: "l", Status: "CANCELED"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.put(t, order(name, 0), "m1 of "+name, true)
			s.flight(t, "loc_paris", name)
			e := order(name, 1)
			change(&e)
			s.put(t, e, "m2 of "+name, true)
			s.flight(t, "loc_paris")
			s.want(t, e)
		})
	}
}

func stays(t *testing.T, s *store) {
	for name, change := range map[string]func(*index.Entry){
		"a status nobody knows": func(e *index.Entry) { e.Status = "REROUTED" },
		"no status":             func(e *index.Entry) { e.Status = "" },
		"no lines":              func(e *index.Entry) { e.Lines = nil },
		"one line cancelled":    func(e *index.Entry) { e.Lines = append(e.Lines, index.Line{ID: "l", Status: "CANCELED"}) },
		"a line nobody knows":   func(e *index.Entry) { e.Lines[0].Status = "LOST" },
		"a line of 0 units cancelled": func(e *index.Entry) {
			e.Lines = append(e.Lines, index.Line{ID: "l", Status: "CANCELED", Empty: true})
		},
		"nothing but a line of 0 units": func(e *index.Entry) { e.Lines[0].Empty = true },
		"one line rejected":             func(e *index.Entry) { e.Lines = append(e.Lines, index.Line{ID: "l", Status: "REJECTED"}) },
	} {
		e := order(name, 0)
		e.Location = "at " + name
		change(&e)
		s.put(t, e, "m of "+name, true)
		s.flight(t, e.Location, name)
	}
}

func comesBack(t *testing.T, s *store) {
	e := order("do_1", 0)
	e.Status = "COMPLETED"
	s.put(t, e, "m1", true)
	s.flight(t, "loc_paris")
	s.put(t, order("do_1", 1), "m2", true)
	s.flight(t, "loc_paris", "do_1")
}

func pagesMeanwhile(t *testing.T, s *store) {
	for i := range 9 {
		s.put(t, order(fmt.Sprint("do_", i), 0), fmt.Sprint("m", i), true)
	}
	first, cursor, err := s.InFlight(t.Context(), s.org, "loc_paris", "", 3)
	must(t, err)
	// The last of the page leaves, and so does one that is still to come; two come, one on each side.
	for _, id := range []string{"do_2", "do_4"} {
		e := order(id, 1)
		e.Status = "COMPLETED"
		s.put(t, e, "end of "+id, true)
	}
	s.put(t, order("do_1a", 0), "m of 1a", true)
	s.put(t, order("do_6a", 0), "m of 6a", true)
	second, cursor, err := s.InFlight(t.Context(), s.org, "loc_paris", cursor, 3)
	must(t, err)
	third, cursor, err := s.InFlight(t.Context(), s.org, "loc_paris", cursor, 3)
	must(t, err)
	got := [][]string{first, second, third}
	want := [][]string{{"do_0", "do_1", "do_2"}, {"do_3", "do_5", "do_6"}, {"do_6a", "do_7", "do_8"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	last, cursor, err := s.InFlight(t.Context(), s.org, "loc_paris", cursor, 3)
	must(t, err)
	if len(last) != 0 || cursor != "" {
		t.Errorf("after the last page come %v and %q, want nothing", last, cursor)
	}
}
