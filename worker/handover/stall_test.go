package handover_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// stall is where a worker stands still around one of its requests.
type stall int

const (
	beforeLastCheck stall = iota // the transport has not taken the first byte
	onTheWire                    // between that byte, with its last check, and the platform
	beforeSave                   // the platform answered, and nothing is recorded
)

func (w stall) String() string {
	return [...]string{"before the last check", "on the wire", "before the save"}[w]
}

// stalled tells a story in which a worker stands still around its nth request. Others take over meanwhile; then it goes on
// with what it was about to do.
func stalled(t *testing.T, tell func(*fixture), nth int, where stall, d time.Duration) *fixture {
	t.Helper()
	s := newShop(t, world.Options{Policy: byStock})
	seen, stands := 0, false
	stand := func(r *http.Request) {
		if stands || strings.HasSuffix(r.URL.Path, "/token") {
			return
		}
		if seen++; seen != nth {
			return
		}
		stands = true
		s.must(s.ReplaceWorker())
		s.must(s.Advance(s.ctx, d))
	}
	switch where {
	case beforeLastCheck:
		s.Slow = func(r *http.Request) time.Duration { stand(r); return 0 }
	case onTheWire:
		s.OnWire = stand
	case beforeSave:
		s.OnBack = stand
	}
	tell(s)
	s.pass(5 * time.Minute)
	s.rest()
	return s
}

// TestAWorkerThatStandsStill stops a worker around every request of every story, for as long as others take to go on. Before
// its last check nothing that it does afterwards reaches the platform unjustified. Later a request cannot be called back:
// then whatever it made is named in a row, and ends withdrawn or with an operator.
func TestAWorkerThatStandsStill(t *testing.T) {
	t.Parallel()
	for _, story := range stories[:9] { // the others differ by what is in stock
		for _, where := range []stall{beforeLastCheck, onTheWire, beforeSave} {
			t.Run(fmt.Sprint(story.name, ", ", where), func(t *testing.T) {
				t.Parallel()
				n := requestsOf(t, story.tell)
				for nth := 1; nth <= n; nth++ {
					d := 45 * time.Second // longer than a lease
					if (nth+int(where))%2 == 0 {
						d = 20 * time.Minute
					}
					s := stalled(t, story.tell, nth, where, d)
					v, err := s.Judge(s.ctx)
					s.must(err)
					if where != beforeLastCheck { // a request that is under way cannot be called back
						v.Unjustified, v.TouchedOthers = nil, nil
					}
					if !v.Holds() {
						t.Errorf("request %d, %s: the judge sees:\n%s\n%s", nth, d, v, s.story())
					}
				}
			})
		}
	}
}

// TestALateDraftIsAdoptedOrWithdrawn has the create of a replacement answered only after another worker took over.
func TestALateDraftIsAdoptedOrWithdrawn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stands time.Duration
		where  stall
		then   func(*fixture)
		drafts int // that were withdrawn
	}{
		"while its create is in doubt": {40 * time.Second, beforeSave, func(*fixture) {}, 0},
		"after another was made":       {2 * time.Minute, onTheWire, func(*fixture) {}, 1},
		"after the handover ended":     {20 * time.Minute, onTheWire, func(*fixture) {}, 1},
		"after the location recovered": {20 * time.Minute, onTheWire, func(s *fixture) { s.Platform.Recover(sandbox.Paris, true) }, 1},
		"after an operator left it": {20 * time.Minute, onTheWire, func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_1"})
		}, 2},
		"and everything is paused by then": {2 * time.Minute, onTheWire, func(*fixture) {}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			stands := false
			stand := func(r *http.Request) {
				if stands || !world.CallsField(r, "deliveryOrderCreate") {
					return
				}
				stands = true
				c.then(s)
				s.must(s.ReplaceWorker())
				s.must(s.Advance(s.ctx, c.stands))
			}
			if c.where == onTheWire {
				s.OnWire = stand
			} else {
				s.OnBack = stand
			}
			s.breaks()
			s.pass(time.Minute)
			s.rest()
			withdrawn := 0
			for _, d := range s.Platform.Books().DeliveryOrders {
				if d.Location != "loc_paris" && d.Lines[0].Status == sandbox.LineCanceled {
					withdrawn++
				}
			}
			if withdrawn != c.drafts {
				t.Errorf("%d DRAFTs were withdrawn, want %d\n%s", withdrawn, c.drafts, s.story())
			}
			v, err := s.Judge(s.ctx)
			s.must(err)
			v.Unjustified, v.TouchedOthers = nil, nil // the create could not be called back
			if !v.Holds() {
				t.Errorf("the judge sees:\n%s\n%s", v, s.story())
			}
			if late, err := s.Journal.LateDrafts(s.ctx, world.Org); err != nil || len(late) > 0 {
				t.Errorf("still noted: %v, %v", late, err)
			}
		})
	}
}

// TestALateDraftIsWithdrawnBeforeARowIsClosed has the platform forbid the withdrawal of a late DRAFT for some time; then an operator
// leaves the row, or its location recovers.
func TestALateDraftIsWithdrawnBeforeARowIsClosed(t *testing.T) {
	t.Parallel()
	for want, closes := range map[string]func(*fixture){
		"left: by_person": func(s *fixture) { s.must(s.Handover.Leave(s.ctx, s.row("1"), ops)) },
		"left: recovered": func(s *fixture) { s.Platform.Recover(sandbox.Paris, true) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending, times(2))
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrderCreate", Code: "THROTTLED"})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "deliveryOrderCancel", Code: "FORBIDDEN"})
			s.Platform.Break(sandbox.Paris)
			s.pass(3 * time.Minute)
			s.Platform.AddDeliveryOrder(sibling("do_late", "loc_lille", sandbox.Draft))
			s.must(s.Journal.NoteLateDraft(s.ctx, world.Org, s.row("1").Identity.ID, "do_late"))
			s.pass(time.Minute)
			s.ends("1", "needs_person: forbidden")
			s.Platform.ClearFaults()
			closes(s)
			s.rest()
			s.ends("1", want)
			if d, _ := s.Platform.Books().DeliveryOrder("do_late"); d.Lines[0].Status != sandbox.LineCanceled {
				t.Errorf("the late DRAFT stands\n%s", s.story())
			}
		})
	}
}

// TestALateDraftDoesNotHideWhatIsUrgent has a late DRAFT that cannot be withdrawn turn up at a row of which two may be shipped.
func TestALateDraftDoesNotHideWhatIsUrgent(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending, times(2))
	s.breaks()
	s.must(s.Platform.Shows("do_1", []string{sandbox.LinePending, sandbox.LinePending}, nil))
	s.pass(time.Minute)
	s.rest()
	s.ends("1", "needs_person: released_then_rejected")
	s.Platform.AddDeliveryOrder(sibling("do_late", "loc_lille", sandbox.Draft))
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, DeliveryOrder: "do_late"})
	s.must(s.Journal.NoteLateDraft(s.ctx, world.Org, s.row("1").Identity.ID, "do_late"))
	s.pass(20 * time.Minute)
	s.rest()
	s.ends("1", "needs_person: released_then_rejected")
	if !strings.Contains(s.story(), "DRAFT do_late, which is one too many, cannot be withdrawn") {
		t.Errorf("the history does not name it\n%s", s.story())
	}
}
