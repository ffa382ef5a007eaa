package handover_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/world"
)

// stories walk every row of the step table, and every undo. wants are the ends that are right, however
// the worker died on the way.
var stories = []story{
	{"a draft is moved", func(s *fixture) {
		s.order("1", sandbox.Draft)
		s.breaks()
	}, []string{"reassigned"}},
	{"a pending order is handed over", func(s *fixture) {
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"reassigned"}},
	{"an order that the platform dispatches by itself", func(s *fixture) {
		s.order("1", sandbox.Pending, automatic)
		s.breaks()
	}, []string{"reassigned"}},
	{"the platform dispatches again by itself", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: sandbox.Lyon, After: 5 * time.Second, Count: 1})
		s.order("1", sandbox.Pending, automatic)
		s.breaks()
	}, []string{"reassigned"}},
	{"the first fallback rejects", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"reassigned"}},
	{"the cancel is refused, what was prepared is taken back", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"needs_person: cancel_refused", "needs_person: cancel_unconfirmed"}},
	{"the cancel is confirmed late", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"reassigned"}},
	{"the first fallback fails after the release", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
		s.order("1", sandbox.Pending)
		s.Platform.Break("loc_paris")
		s.pass(150 * time.Second)
		s.Platform.SetActive(sandbox.Lyon, false)
		s.rest()
	}, []string{"reassigned"}},
	{"both mutations of the sending document are refused together", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.RefuseSecondMutation})
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"reassigned"}},
	{"it goes where the goods are", func(s *fixture) {
		s.stock(sandbox.Lyon, 1, 5)
		s.stock(sandbox.Lille, 4, 4)
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"reassigned"}},
	{"a draft goes where the goods are", func(s *fixture) {
		s.stock(sandbox.Lyon, 1, 5)
		s.stock(sandbox.Lille, 4, 4)
		s.order("1", sandbox.Draft)
		s.breaks()
	}, []string{"reassigned"}},
	{"the one with the most goods rejects", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
		s.stock(sandbox.Lyon, 8, 8)
		s.stock(sandbox.Lille, 4, 4)
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"reassigned"}},
	{"the goods are sold elsewhere after the release", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
		s.stock(sandbox.Lyon, 8, 8)
		s.stock(sandbox.Lille, 4, 4)
		s.order("1", sandbox.Pending)
		s.Platform.Break("loc_paris")
		s.pass(150 * time.Second)
		s.stock(sandbox.Lyon, 0, 8)
		s.rest()
	}, []string{"reassigned"}},
	{"the cancel is refused, what was promised is free again", func(s *fixture) {
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
		s.stock(sandbox.Lyon, 8, 8)
		s.order("1", sandbox.Pending)
		s.breaks()
	}, []string{"needs_person: cancel_refused", "needs_person: cancel_unconfirmed"}},
}

// story is told in a world of the policy byStock.
type story struct {
	name  string
	tell  func(s *fixture)
	wants []string
}

// byStock asks for stock only of those locations of which it is known: of the others it is Lyon, then Lille.
const byStock = `version: 1
rules:
  - name: paris falls back to where the goods are
    when: {from: [paris-warehouse]}
    then:
      reassign:
        candidates: [lyon-warehouse, lille-warehouse]
        must: [in_stock_if_known, {capacity: {per_hour: 5, per_day: 9}}]
        prefer: [most_stock]
default: needs_person
`

// TestCrashMatrix kills the worker around every single request of every story, or loses the reply, and
// has a new worker over the same Redis go on. Whatever row of the table a request belongs to, a row
// written tomorrow included, the judge must find nothing.
func TestCrashMatrix(t *testing.T) {
	t.Parallel()
	moments := map[string]world.Moment{"before the call": world.BeforeCall, "after the call": world.AfterCall,
		"reply lost": world.LostReply, "after the record": world.AfterRecord}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			n := requestsOf(t, story.tell)
			for when, moment := range moments {
				for nth := 1; nth <= n; nth++ {
					t.Run(fmt.Sprintf("%s of request %d", when, nth), func(t *testing.T) {
						s := newShop(t, world.Options{Policy: byStock})
						s.Crash = &world.Crash{Nth: nth, When: moment}
						story.tell(s)
						s.holds()
						s.balances()
						r := s.row("1")
						end := string(r.State)
						if r.Reason != "" {
							end += ": " + string(r.Reason)
						}
						if !slices.Contains(story.wants, end) {
							t.Errorf("ended as %q, want one of %q\n%s", end, story.wants, s.story())
						}
					})
				}
			}
		})
	}
}

// requestsOf counts the requests of a story that nothing disturbs.
func requestsOf(t *testing.T, tell func(*fixture)) int {
	t.Helper()
	s := newShop(t, world.Options{Policy: byStock})
	tell(s)
	s.holds()
	s.balances()
	return s.Platform.Books().Requests["http"]
}

// TestStoriesWalkTheTable fails when a row of the step table, or an undo, is walked by no story.
func TestStoriesWalkTheTable(t *testing.T) {
	t.Parallel()
	walked := map[string]bool{}
	for _, story := range stories {
		s := newShop(t, world.Options{Policy: byStock})
		story.tell(s)
		for _, e := range s.row("1").History {
			walked[e.Step] = true
		}
	}
	for _, name := range handover.StepNames() {
		if !walked[name] {
			t.Errorf("no story walks step %q", name)
		}
	}
}
