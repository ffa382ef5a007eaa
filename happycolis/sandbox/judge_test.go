package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

// needsPerson is a row that puts a delivery order before a person.
func needsPerson(id, replacement string) sandbox.Row {
	return sandbox.Row{DeliveryOrderID: id, ReplacementID: replacement, State: "needs_person", Reason: "cancel_unconfirmed"}
}

// urgent is a row that tells a person that something may be shipped twice.
func urgent(id, replacement, reason string) sandbox.Row {
	return sandbox.Row{DeliveryOrderID: id, ReplacementID: replacement, State: "needs_person", Reason: reason}
}

// more is the order with units that were never dispatched.
var more = []sandbox.OrderLine{{ID: "ol1", SKU: "MUG", Quantity: 4}, {ID: "ol2", SKU: "POT", Quantity: 2}}

func backorder(w *world) { w.AddOrder(sandbox.Order{ID: "o1", Organization: org, Lines: more}) }

// twin is what somebody sends by hand from Lille.
func twin(w *world) {
	w.AddSilently(sandbox.DeliveryOrder{ID: "twin", Location: lille, Orders: []string{"o1"}, Status: sandbox.Pending,
		Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{OrderLine: "ol1", Quantity: 2}, {OrderLine: "ol2", Quantity: 1}}})
}

// proceed prepares, cancels without being answered, and has a person say to go on.
func proceed(w *world) string {
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
	id := prepare(w)
	w.cancel("d1")
	w.must(w.PersonProceeds("d1"))
	return id
}

// prepare breaks Paris under d1, reads it freshly and makes a DRAFT at Lyon.
func prepare(w *world) string {
	w.pending("d1")
	w.Break("paris")
	w.look("d1")
	return w.created(lyon)
}

func send(w *world, id string) {
	w.open(id)
	w.request(id)
}

// handover is the whole of it, done well.
func handover(w *world) string {
	id := prepare(w)
	w.cancel("d1")
	send(w, id)
	w.pass(time.Minute)
	return id
}

func auto(w *world, after time.Duration) {
	w.AddOrder(sandbox.Order{ID: "o1", Organization: org, Dispatching: sandbox.Automatic, Lines: []sandbox.OrderLine{
		{ID: "ol1", SKU: "MUG", Quantity: 2}, {ID: "ol2", SKU: "POT", Quantity: 1},
	}})
	w.AddFault(sandbox.Fault{Kind: sandbox.Redispatch, To: "lille", After: after})
}

// scenario is a history and the promises that it breaks, by name; none for an innocent one.
type scenario struct {
	name  string
	play  func(*world) []sandbox.Row
	wants []string
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, group := range [][]scenario{handovers, doubles, tooEarly, losses, strangers, rumours, leftovers} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				rows := c.play(w)
				v := sandbox.Judge(w.Books(), rows)
				got := broken(v)
				if diff := cmp.Diff(append([]string{}, c.wants...), got); diff != "" {
					t.Errorf("broken promises (-want +got):\n%s\n%s", diff, v)
				}
				if v.Holds() != (len(c.wants) == 0) {
					t.Errorf("Holds() = %v with %v", v.Holds(), got)
				}
			})
		}
	}
}

func broken(v sandbox.Verdict) []string {
	names := []string{}
	for _, part := range []struct {
		name string
		list []sandbox.Finding
	}{{"P1", v.DoubleShipped}, {"early", v.SentBeforeRelease}, {"P2", v.Lost}, {"P3", v.TouchedOthers}, {"P5", v.Unjustified},
		{"draft", v.StrayDrafts}, {"forgotten", v.Forgotten}} {
		if len(part.list) > 0 {
			names = append(names, part.name)
		}
		for _, f := range part.list {
			if f.DeliveryOrder == "" || strings.TrimSpace(f.Text) == "" {
				names = append(names, "an empty finding")
			}
		}
	}
	return names
}

func TestAVerdictReadsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	send(w, prepare(w))
	text := sandbox.Judge(w.Books(), nil).String()
	if !strings.HasPrefix(text, "double shipped: ") || strings.Count(text, "double shipped: ") != 2 || strings.Count(text, "sent before release: ") != 2 || strings.Count(text, "\n") != 4 {
		t.Errorf("verdict = %q, want two lines on double shipping and two on the release", text)
	}
	if got := sandbox.Judge(newWorld(t).Books(), nil).String(); got != "all promises hold\n" {
		t.Errorf("verdict on nothing = %q", got)
	}
}
