package handover_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// logged are the lines about a delivery order, each as its message.
func logged(t *testing.T, log *bytes.Buffer, id string) []string {
	t.Helper()
	var messages []string
	for line := range strings.Lines(log.String()) {
		if !strings.Contains(line, "delivery_order=do_"+id+" ") {
			continue
		}
		messages = append(messages, regexp.MustCompile(`msg="?([^"=]+)"? `).FindStringSubmatch(line)[1])
		for _, key := range []string{"organization=org_world", "incident=inc-", "order_number=", "step=", "rule="} {
			if !strings.Contains(line, " "+key) {
				t.Errorf("%s lacks in %s", key, line)
			}
		}
	}
	return messages
}

func TestTheWayThatIsShownIsTheWayThatIsGone(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	for id, status := range map[string]string{"1": sandbox.Pending, "2": sandbox.Draft} {
		s.order(id, status)
	}
	s.breaks()
	for _, id := range []string{"1", "2"} {
		r := s.row(id)
		if r.State != journal.Reassigned {
			t.Fatalf("do_%s is %s", id, r.State)
		}
		way := handover.StepsFor(r.Original.Status)
		if last := way[len(way)-1]; r.Step != last {
			t.Errorf("do_%s, a %s, ended at step %q, the way that is shown ends with %q", id, r.Original.Status, r.Step, last)
		}
	}
}

func TestEachChangeOfStateIsOneLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newShop(t, world.Options{Log: &log})
	s.order("1", sandbox.Pending)
	s.order("2", sandbox.Draft)
	s.order("3", sandbox.Opened)
	s.breaks()
	for id, want := range map[string][]string{
		"1": {"preparing", "releasing", "confirming_release", "checking", "sending", "confirming", "reassigned"},
		"2": {"preparing", "reassigned"},
		"3": {"undoing", "needs_person"},
	} {
		for i := range want {
			want[i] = "reassignment " + want[i]
		}
		if diff := cmp.Diff(want, slices.DeleteFunc(logged(t, &log, id), func(m string) bool { return !strings.HasPrefix(m, "reassignment ") })); diff != "" {
			t.Errorf("lines about do_%s (-want +got):\n%s", id, diff)
		}
	}
	if err := s.Handover.Leave(s.ctx, s.row("3"), handover.Actor{User: "ops", Reason: "it stays"}); err != nil {
		t.Fatal(err)
	}
	if got := logged(t, &log, "3"); got[len(got)-1] != "reassignment left" {
		t.Errorf("after a person left it, the last line is %q", got[len(got)-1])
	}
	if n := strings.Count(log.String(), " matches: "); n != 2 {
		t.Errorf("the decision about 3 orders, of which 2 rest by it, is told whole %d times, want 2:\n%s", n, log.String())
	}
}

func TestPollsAndSweepsAreNotLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newShop(t, world.Options{Log: &log})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	s.order("1", sandbox.Pending)
	s.Platform.Break("loc_paris")
	s.pass(10 * time.Minute)
	before, reads := log.Len(), s.Platform.Books().Requests["http"]
	s.pass(40 * time.Minute)
	if polled := s.Platform.Books().Requests["http"] - reads; polled < 20 {
		t.Fatalf("a dull story: %d requests", polled)
	}
	if added := log.String()[before:]; added != "" {
		t.Errorf("forty minutes of polls and sweeps left in the log:\n%s", added)
	}
}
