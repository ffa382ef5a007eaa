package handover_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// opens has Lyon take orders from a moment on; its webhook says so.
func (s *fixture) opens(at time.Time) {
	s.t.Helper()
	s.Platform.AddLocation(sandbox.Location{ID: "loc_lyon", Slug: sandbox.Lyon, Organization: world.Org, Active: true, Country: "FR", AcceptFulfillmentAt: at})
	s.pass(time.Second)
}

func TestNothingGoesWhereNoOrdersAreTakenYet(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Skew: 2 * time.Hour}) // by our clock, which is wrong, they are
	s.opens(s.Now().Add(time.Hour))
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Draft)
	s.breaks()
	for _, id := range []string{"1", "2"} {
		s.ends(id, "reassigned")
		if to := s.row(id).Decision.To; to != sandbox.Lille {
			t.Errorf("do_%s went to %s, want Lille: Lyon takes no orders yet\n%s", id, to, s.story())
		}
	}
	if got, want := strings.Join(s.row("1").Decision.Policy.Explain(), "\n"), "accepting_orders wanted accepts orders by now, saw from 2026-05-18T07:00:00Z"; !strings.Contains(got, want) {
		t.Errorf("the decision lacks %q:\n%s", want, got)
	}
	s.holds()
}

func TestALocationIsACandidateOnceItTakesOrders(t *testing.T) {
	t.Parallel()
	for name, bend := range map[string]func(*fixture){
		"its date passed":         func(s *fixture) { s.opens(s.Now().Add(time.Minute)) },
		"its date was taken back": func(s *fixture) { s.opens(s.Now().Add(24 * time.Hour)); s.opens(time.Time{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			bend(s)
			s.order("1", sandbox.Pending)
			s.pass(time.Minute)
			s.breaks()
			s.ends("1", "reassigned")
			if to := s.row("1").Decision.To; to != sandbox.Lyon {
				t.Errorf("it went to %s, want Lyon\n%s", to, s.story())
			}
		})
	}
}

// TestATargetThatTakesNoOrdersAnyMoreIsLeft has the date come between the release and the sending.
func TestATargetThatTakesNoOrdersAnyMoreIsLeft(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
	s.order("1", sandbox.Pending)
	s.Platform.Break("loc_paris")
	s.pass(150 * time.Second)
	s.opens(s.Now().Add(24 * time.Hour))
	s.rest()
	s.ends("1", "reassigned")
	if to := s.row("1").Decision.To; to != sandbox.Lille {
		t.Errorf("it went to %s, want Lille\n%s", to, s.story())
	}
	s.holds()
}
