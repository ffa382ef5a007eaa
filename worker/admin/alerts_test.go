package admin

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
)

// answering is a target that answers the same always, and counts.
type answering struct {
	err   error
	heard []notify.Message
}

func (a *answering) Send(_ context.Context, m notify.Message) error {
	a.heard = append(a.heard, m)
	return a.err
}

// someTargets are one that takes messages and one that does not.
func someTargets() []notify.Target {
	return []notify.Target{{Name: "alerts.targets[0]", Service: "slack", Sender: &answering{}},
		{Name: "alerts.targets[1]", Service: "smtp", Sender: &answering{err: notify.Unreachable}}}
}

func TestATestOfAlertsSaysWhichTargetTookIt(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	targets := someTargets()
	b.desk.Query.Targets = targets
	status, answer := b.post("/api/alerts/test", `{}`)
	const want = `[{"name":"alerts.targets[0]","service":"slack","error":null},{"name":"alerts.targets[1]","service":"smtp","error":"cannot be reached"}]`
	if status != http.StatusOK || answer != want {
		t.Errorf("got %d %s, want %s", status, answer, want)
	}
	for _, target := range targets {
		if heard := target.Sender.(*answering).heard; len(heard) != 1 || heard[0].Title != notify.TestMessage().Title {
			t.Errorf("%s heard %+v", target.Name, heard)
		}
	}
	if e := b.audited()[0]; e.Verb != "alerts test" || e.Target != "each target" || e.Result != "done: 1 of 2 took it" || e.Reason != "to see whether alerts arrive" {
		t.Errorf("recorded as %+v", e)
	}
}

// TestWhoDidWhatIsInTheLog: of an action on several, each is a line; the reason, which may name people, is in none.
func TestWhoDidWhatIsInTheLog(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops)
	var log bytes.Buffer
	b.desk.Query.Log = slog.New(slog.NewTextHandler(&log, nil))
	b.incident(journal.Draining, "do_1")
	b.wants("/api/orders/leave", `{"ids":["do_1"],"reason":"Ada asked"}`, http.StatusOK, "")
	b.wants("/api/pause", `{"reason":"Ada asked"}`, http.StatusOK, "")
	b.wants("/api/pause", `{"reason":"Ada asked"}`, http.StatusConflict, "")
	for _, want := range []string{
		`msg="operator action" organization=org_1 user=ops verb="orders leave" target=do_1 order_number=SO-0 result=done`,
		`msg="operator action" organization=org_1 user=ops verb=pause target=everything order_number="" result=done`,
	} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("want one line with %s in\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "Ada") || strings.Contains(log.String(), "asked") {
		t.Errorf("the log:\n%s", log.String())
	}
}

// TestAUserOfSomeOrganizationsTestsTheirTargetsOnly has targets of others, which are not sent to.
func TestAUserOfSomeOrganizationsTestsTheirTargetsOnly(t *testing.T) {
	t.Parallel()
	b := newFixture(t, own)
	targets := someTargets()
	targets[1].Organizations = []string{organization}
	b.desk.Query.Targets = targets
	b.server.Config.Handler = b.desk.Handler(wording{})
	status, answer, _ := b.call(http.MethodPost, "/api/alerts/test", `{}`, "user", "own", "X-Reassigner-CSRF", "1")
	if status != http.StatusOK || strings.Contains(answer, "targets[0]") || len(targets[0].Sender.(*answering).heard) > 0 || len(targets[1].Sender.(*answering).heard) != 1 {
		t.Errorf("got %d %s", status, answer)
	}
}
