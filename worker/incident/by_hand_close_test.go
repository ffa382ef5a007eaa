package incident_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

func TestClosingFinishesWhatIsReleasedAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute})
	s.emptyParis()
	s.pass(2 * time.Minute)
	released := map[string]bool{}
	for _, r := range s.rows() {
		if r.ReleaseBegan() {
			released[r.Identity.DeliveryOrder] = true
		}
	}
	if len(released) == 0 {
		t.Fatal("nothing is released when it is closed")
	}
	s.closeByHand()
	s.pass(2 * time.Minute)
	s.is(journal.Watching)
	if inc := s.incident(); !inc.IsClosing() || !inc.Confirmed() {
		t.Errorf("it is closing %t, and no candidate %t; want both", inc.IsClosing(), inc.Confirmed())
	}
	says(t, s.Incidents.CloseByHand(t.Context(), s.incident(), ops), handover.ErrNotApplicable, "was closed by ops")
	_, err := s.Incidents.FreezePlan(t.Context(), s.incident())
	says(t, err, handover.ErrNotApplicable, "does not wait for an approval")
	s.add("late", "do_late")
	s.pass(20 * time.Minute)
	s.is(journal.Closed)
	for _, r := range s.rows() {
		switch id := r.Identity.DeliveryOrder; {
		case r.ReleaseBegan() && !released[id]:
			t.Errorf("%s was released after the incident was closed", id)
		case !r.ReleaseBegan() && r.State == journal.Left && r.Reason == journal.Recovered:
			t.Errorf("%s is left as recovered", id)
		case released[id] && r.State != journal.Reassigned && r.State != journal.NeedsPerson:
			t.Errorf("%s was released and is %s", id, r.State)
		}
	}
	if s.reasons(journal.Left)[journal.ByPerson] == 0 {
		t.Errorf("left %v, want some by_person", s.reasons(journal.Left))
	}
	s.holds()
}

func TestClosedByHandInErrorItSettlesAnewWithoutTheApproval(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{Incident: func(i *incident.Settings) { i.Mode = incident.ApproveMode }})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 30 * time.Second})
	s.emptyParis()
	s.pass(20 * time.Second)
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Second)
	s.closeByHand()
	s.pass(10 * time.Second)
	s.is(journal.Settling)
	inc := s.incident()
	if inc.ByPlan || inc.Plan != nil || !inc.ApprovedAt.IsZero() || !slices.Equal(inc.Causes(), []journal.Cause{"errored"}) {
		t.Errorf("it keeps its approval, or its causes are %v: %+v", inc.Causes(), inc)
	}
	if _, bound, err := s.Journal.Approved(t.Context(), world.Org, inc.ID, "do"); err != nil || bound {
		t.Errorf("an approved plan binds it yet: %t, %v", bound, err)
	}
	before := s.cancels()
	s.pass(10 * time.Minute)
	s.is(journal.AwaitingApproval)
	if now := s.cancels(); now != before || s.reasons(journal.Left)[journal.ByPerson] > 0 {
		t.Errorf("%d cancels more without an approval, left %v; want none", now-before, s.reasons(journal.Left))
	}
	approveAll(s)
	s.pass(20 * time.Minute)
	s.is(journal.Watching)
	s.holds()
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(5 * time.Minute)
	s.is(journal.Closed)
}

// cancels counts the cancels that we sent.
func (s *story) cancels() (n int) {
	for _, e := range s.Platform.Books().Entries {
		if strings.HasPrefix(e.Actor, "api:") && e.Operation == "deliveryOrderCancel" {
			n++
		}
	}
	return n
}

func TestSettlingAnewALocationThatWorksIsClosedWithItsRows(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 5 * time.Minute})
	s.emptyParis()
	s.pass(20 * time.Second)
	s.Platform.Break(sandbox.Paris)
	s.pass(time.Second)
	s.closeByHand()
	s.pass(10 * time.Second)
	s.is(journal.Settling)
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(30 * time.Minute)
	s.is(journal.Closed)
	s.holds()
}

// TestClosedAtAnyRequestNothingMoreBegins closes the incident while a request is on its way: it may arrive, and no later one
// begins anything.
func TestClosedAtAnyRequestNothingMoreBegins(t *testing.T) {
	t.Parallel()
	for n := range 14 {
		t.Run(fmt.Sprint("request ", n), func(t *testing.T) {
			t.Parallel()
			s := tell(t, 6, world.Options{})
			s.emptyParis()
			cancels := 0
			left, closed := n, false
			s.OnWire = func(r *http.Request) {
				for _, begins := range []string{"deliveryOrderCreate", "deliveryOrderUpdate"} {
					if closed && world.CallsField(r, begins) {
						t.Errorf("after it was closed a %s is sent", begins)
					}
				}
				if closed && world.CallsField(r, "deliveryOrderCancel") {
					cancels++
				}
				if left--; left == -1 {
					closed = true
					s.closeByHand()
				}
			}
			s.pass(30 * time.Minute)
			if !closed {
				t.Fatal("fewer requests were sent")
			}
			s.is(journal.Closed)
			withdrawn := 0
			for _, r := range s.rows() {
				if r.State == journal.Left && r.Reason != journal.ByPerson && r.Reason != journal.Gone {
					t.Errorf("%s is left as %s", r.Identity.DeliveryOrder, r.Reason)
				}
				withdrawn += len(r.Replacement.Past)
			}
			if cancels > withdrawn {
				t.Errorf("%d cancels after it was closed, want the %d of our DRAFTs", cancels, withdrawn)
			}
			s.holds()
		})
	}
}

// TestWhatTheCloseLeftIsMovedIfTheLocationFailsBeforeTheEnd: the rows that were left when the incident was closed are reopened
// once it went on as one of a location in ERROR; what an operator left by name stays left.
func TestWhatTheCloseLeftIsMovedIfTheLocationFailsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	s := tell(t, 60, world.Options{})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 10 * time.Minute})
	s.emptyParis()
	s.pass(2 * time.Minute)
	byName := ""
	for _, r := range s.rows() {
		if r.State == journal.NeedsPerson && !r.ReleaseBegan() {
			byName = r.Identity.DeliveryOrder
			s.must(s.Handover.Leave(t.Context(), r, ops))
			break
		}
	}
	s.closeByHand()
	s.pass(2 * time.Minute)
	s.is(journal.Watching)
	left := s.reasons(journal.Left)[journal.ByPerson]
	if left < 2 || byName == "" {
		t.Fatalf("%d are left by_person, %q by name", left, byName)
	}
	s.Platform.Break(sandbox.Paris)
	s.pass(40 * time.Minute)
	s.is(journal.Watching)
	for _, r := range s.rows() {
		if r.State == journal.Left && r.Reason == journal.ByPerson && r.Identity.DeliveryOrder != byName {
			t.Errorf("%s stays left at a location in ERROR", r.Identity.DeliveryOrder)
		}
	}
	s.holds()
}
