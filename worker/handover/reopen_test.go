package handover_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// watches lets Paris fail with one order that keeps its incident open, and runs until nothing of the others is under
// way.
func (s *fixture) watches() {
	s.t.Helper()
	s.order("open", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_open", After: 5 * time.Hour})
	s.Platform.Break(sandbox.Paris)
	s.pass(5 * time.Minute)
}

// at checks where a delivery order stands.
func (s *fixture) at(id, want string) {
	s.t.Helper()
	if d, _ := s.Platform.Books().DeliveryOrder("do_" + id); d.Location != want {
		s.t.Errorf("do_%s is at %s, want %s\n%s", id, d.Location, want, s.story())
	}
}

func TestAMovedDraftThatComesBackIsMovedAgainAndThenAPersons(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Draft)
	s.watches()
	s.ends("1", "reassigned")
	s.must(s.Platform.PersonMove("do_1", sandbox.Paris))
	s.pass(3 * time.Minute)
	s.ends("1", "reassigned")
	s.at("1", "loc_lyon")
	s.must(s.Platform.PersonMove("do_1", sandbox.Paris))
	s.pass(3 * time.Minute)
	s.ends("1", "needs_person: draft_conflict")
	n := s.mutations()
	s.pass(30 * time.Minute)
	s.at("1", "loc_paris")
	if s.mutations() != n {
		t.Errorf("it was touched all the same\n%s", s.story())
	}
	if r := s.row("1"); !strings.Contains(s.story(), "the DRAFT is back from lyon-warehouse") || r.Retry.ArchivedVersion == 0 {
		t.Errorf("no task stands for it, or its history does not say why: %+v", r.History)
	}
	// An operator who wants it moved says so.
	s.must(s.Handover.Retry(s.ctx, s.row("1"), handover.Actor{User: "ops", Reason: "asked the one who moved it"}))
	s.pass(3 * time.Minute)
	s.ends("1", "reassigned")
	s.at("1", "loc_lyon")
	s.holds()
}

func TestADraftThatOnlyLooksBackStandsWhereItWasMoved(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Draft)
	s.watches()
	s.ends("1", "reassigned")
	n := s.mutations()
	s.tell("1", func(e *index.Entry) { e.Location = "loc_paris" }) // by a webhook that was late
	s.pass(3 * time.Minute)
	s.ends("1", "reassigned")
	s.at("1", "loc_lyon")
	if got := s.mutations(); got != n {
		t.Errorf("%d mutations, want none\n%s", got-n, s.story())
	}
	s.holds()
}

func TestWhatWentAwayIsTakenUpWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Draft)
	s.must(s.Platform.PersonMove("do_1", sandbox.Lille))
	s.order("2", sandbox.Pending)
	s.tell("1", func(e *index.Entry) { e.Location = "loc_paris" }) // as if it were at Paris yet
	s.watches()
	s.ends("1", "left: gone")
	s.at("1", "loc_lille")
	s.must(s.Platform.PersonMove("do_1", sandbox.Paris))
	s.pass(3 * time.Minute)
	s.ends("1", "reassigned")
	s.at("1", "loc_lyon")
	s.holds()
}

func TestWhatThePlatformDoesNotKnowIsNotTakenUpForOldNews(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "do_1"})
	s.watches()
	s.ends("1", "left: gone")
	before := s.row("1")
	s.pass(30 * time.Minute)
	if r := s.row("1"); r.Version != before.Version {
		t.Errorf("it was reopened, though nothing was told of it since\n%s", s.story())
	}
	s.Platform.ClearFaults()
	s.tell("1", func(*index.Entry) {})
	s.pass(3 * time.Minute)
	s.ends("1", "reassigned")
	s.holds()
}

// tell has the index hear something new of a delivery order, which no event is about.
func (s *fixture) tell(id string, change func(*index.Entry)) {
	s.t.Helper()
	e, _, err := s.Index.Get(s.ctx, world.Org, "do_"+id)
	s.must(err)
	e.Date = s.Now().Add(time.Millisecond)
	change(&e)
	_, err = s.Index.Put(s.ctx, world.Org, e, "")
	s.must(err)
}

func TestWhatIsReopenedWaitsAnewForACandidateThatMayHaveFailed(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon})
	s.watches()
	s.rumour(sandbox.Lyon)
	s.order("1", sandbox.Draft)
	s.pass(time.Minute)
	s.until("1", journal.Holding)
	s.Platform.Recover(sandbox.Paris, true)
	s.until("1", journal.Left)
	s.Platform.Break(sandbox.Paris)
	s.pass(2 * time.Minute) // the first incident of Lyon is over
	s.rumour(sandbox.Lyon)
	s.until("1", journal.Holding)
	s.until("1", journal.Reassigned)
	s.holds()
}

func TestALaterIncidentKeepsTheLineageOfWhatComesBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Incident: anyShare, Policy: `version: 1
rules:
  - name: paris falls back to lyon, then lille
    when: {from: [paris-warehouse, lyon-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse]}}
default: needs_person
`, Handover: func(h *handover.Settings) { h.Statuses = append(h.Statuses, "OPENED") }})
	s.order("1", sandbox.Pending)
	s.breaks()
	s.ends("1", "reassigned")
	first := s.row("1")
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: first.Replacement.ID, After: 10 * time.Minute})
	s.Platform.Break(sandbox.Lyon) // it takes the replacement on
	s.pass(5 * time.Minute)
	owner, root, err := s.Journal.OpenByLineage(s.ctx, world.Org, "do_1")
	s.must(err)
	if owner == nil || owner.Identity.DeliveryOrder != first.Replacement.ID || root != "do_1" {
		t.Fatalf("the owner is %+v\n%s", owner, s.story())
	}
	// The first original comes back to life.
	s.tell("1", func(e *index.Entry) {
		for i := range e.Lines {
			e.Lines[i].Status = sandbox.LinePending
		}
	})
	s.must(s.Handover.Signal(s.ctx, world.Org, "do_1"))
	s.pass(time.Minute)
	r, err := s.Journal.Get(s.ctx, world.Org, first.Identity.ID)
	s.must(err)
	if r.State != journal.NeedsPerson || r.Reason != journal.ReleasedThenRejected {
		t.Errorf("the row of the first incident is %s %s, want an urgent one\n%s", r.State, r.Reason, s.story())
	}
	now, _, err := s.Journal.OpenByLineage(s.ctx, world.Org, "do_1")
	s.must(err)
	if now == nil || now.Identity.ID != owner.Identity.ID {
		t.Errorf("the lineage went from %s to %+v", owner.Identity.ID, now)
	}
	err = s.Handover.Retry(s.ctx, r, handover.Actor{User: "ops", Reason: "why not"})
	if err == nil || !strings.Contains(fmt.Sprint(err), "another incident moves on") {
		t.Errorf("a retry beside the later incident: %v", err)
	}
	s.rest()
	if later, err := s.Journal.Get(s.ctx, world.Org, owner.Identity.ID); err != nil || later.State != journal.Reassigned {
		t.Errorf("the later incident's row is %+v, %v\n%s", later, err, s.story())
	}
}

func TestWhatHasToBeTakenUpAgain(t *testing.T) {
	t.Parallel()
	const settle = 2 * time.Minute
	ended := world.Start.Add(time.Hour)
	for _, c := range []struct {
		name      string
		row       journal.Reassignment
		change    func(*index.Entry)
		readError time.Time
		want      bool
	}{
		{"recovered, a settle window ago", journal.Reassignment{State: journal.Left, Reason: journal.Recovered}, nil, ended.Add(settle), true},
		{"recovered, not that long ago", journal.Reassignment{State: journal.Left, Reason: journal.Recovered}, nil, ended.Add(settle - 1), false},
		{"gone, told of since", journal.Reassignment{State: journal.Left, Reason: journal.Gone, Original: journal.Original{SeenAt: ended}}, nil, ended, true},
		{"gone, told of before", journal.Reassignment{State: journal.Left, Reason: journal.Gone, Original: journal.Original{SeenAt: ended.Add(time.Millisecond)}}, nil, ended, false},
		{"a DRAFT that was moved, told of since", journal.Reassignment{State: journal.Reassigned, Original: journal.Original{SeenAt: ended}}, nil, ended, true},
		{"what was replaced", journal.Reassignment{State: journal.Reassigned, Replacement: journal.Replacement{ID: "do_2"}, Original: journal.Original{SeenAt: ended}}, nil, ended, false},
		{"left by the policy", journal.Reassignment{State: journal.Left, Reason: journal.PolicyLeave}, nil, ended.Add(settle), false},
		{"left by the configuration", journal.Reassignment{State: journal.Left, Reason: journal.ConfigLeave}, nil, ended.Add(settle), false},
		{"left by a person", journal.Reassignment{State: journal.Left, Reason: journal.ByPerson}, nil, ended.Add(settle), false},
		{"left by a stop", journal.Reassignment{State: journal.Left, Reason: journal.StoppedByUs}, nil, ended.Add(settle), false},
		{"recovered, and elsewhere now", journal.Reassignment{State: journal.Left, Reason: journal.Recovered},
			func(e *index.Entry) { e.Location = "loc_lyon" }, ended.Add(settle), false},
		{"recovered, and completed now", journal.Reassignment{State: journal.Left, Reason: journal.Recovered},
			func(e *index.Entry) { e.Status = "COMPLETED" }, ended.Add(settle), false},
	} {
		e := index.Entry{ID: "do_1", Location: "loc_paris", Status: "PENDING", Date: ended, Lines: []index.Line{{Status: "PENDING", Quantity: 1}}}
		if c.change != nil {
			c.change(&e)
		}
		c.row.Identity.FromID, c.row.UpdatedAt = "loc_paris", ended
		if got := handover.ShouldReopen(&c.row, e, c.readError, settle); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
