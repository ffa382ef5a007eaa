package main

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

func playRetry(t *testing.T, s store) {
	// No cancel is confirmed here. One whose refusal a failover lost waits for its deadline.
	w := newTrial(t, s, func(c *config.Config) { c.Handover.CancelTimeout = 20 * time.Second })
	w.seed(2 * trialOrders)
	w.platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, Location: sandbox.Paris})
	w.platform.Break(sandbox.Paris)
	standing := outcomes(w.rested(len(w.merchant.InFlight)))["needs_person: "+string(journal.CancelRefused)]
	refused := w.archived(string(journal.CancelRefused))
	if len(refused) < 3 || standing < 4 {
		t.Fatalf("of %d refused cancels %d tasks stand archived, want 3 or more of at least 4; the rows: %s", standing, len(refused), w.verb("orders list").stdout)
	}
	w.platform.ClearFaults()
	w.platform.AddFault(sandbox.Fault{Kind: sandbox.Accept, After: trialAccept})

	byVerb, byUI, byInspector := refused[0], refused[1], refused[2]
	w.must(cli.ExitDone, "orders retry "+byVerb.order+" --yes --reason", "the warehouse agreed")
	w.run(byUI)
	if err := asynq.NewInspectorFromRedisClient(w.rdb).RunTask(byInspector.task.Queue, byInspector.task.ID); err != nil {
		t.Errorf("running the archived task: %v", err)
	}
	for _, c := range []struct {
		parked parked
		by     string
		note   string
	}{
		{byVerb, "local", "retry: the warehouse agreed"},
		{byUI, "asynq web UI", "retry: run again in the asynq web UI"},
		{byInspector, "asynq web UI", "retry: run again in the asynq web UI"},
	} {
		w.until("the retried "+c.parked.order+" is reassigned", func() bool { return w.row(c.parked.order).State == journal.Reassigned })
		history := asked[api.OrderDetail](w, "/api/orders/"+c.parked.order)[0].Record.History
		if !slices.ContainsFunc(history, func(e api.Entry) bool { return e.Note == c.note && e.By == c.by }) {
			t.Errorf("%s: nobody noted %q by %q: %v", c.parked.order, c.note, c.by, history)
		}
	}
	w.audited("orders retry", byVerb.order)
	w.audited("monitoring post", byUI.task.ID)

	got := w.must(cli.ExitDone, "orders leave --reason-code cancel_refused --yes --reason", "they ship it by hand")
	if want := terminal.Plural(standing-3, "delivery order") + " left.\n"; got.stdout != want {
		t.Errorf("leave: got %q, want %q", got.stdout, want)
	}
	rows := w.rested(len(w.merchant.InFlight))
	if got, want := outcomes(rows)["left: by_person"], standing-3; got != want {
		t.Errorf("left by a person: got %d, want %d", got, want)
	}
	if left := w.archived(string(journal.CancelRefused)); len(left) > 0 {
		t.Errorf("%d archived tasks still ask for a person", len(left))
	}
	w.holds()
	w.moved(rows)
}

// parked is an archived task and the delivery order that it stands for.
type parked struct {
	order string
	task  *asynq.TaskInfo
}

// archived lists the tasks whose error says that an operator is needed for this reason.
func (w *processFixture) archived(reason string) []parked {
	w.Helper()
	inspector := asynq.NewInspectorFromRedisClient(w.rdb)
	byReassignment := map[string]string{}
	for _, row := range w.rows() {
		byReassignment[journal.ReassignmentID(*row.IncidentID, row.DeliveryOrderID)] = row.DeliveryOrderID
	}
	var found []parked
	for _, queue := range []string{tasks.QueueStart, tasks.QueueHandover} {
		infos, err := inspector.ListArchivedTasks(queue, asynq.PageSize(100))
		if err != nil && !strings.Contains(err.Error(), "not found") { // nothing was ever put there
			w.Fatal(err)
		}
		for _, info := range infos {
			if !strings.Contains(info.LastErr, "needs a person: "+reason+":") {
				continue
			}
			m, err := tasks.Decode[tasks.Reassign](info.Payload)
			if err != nil {
				w.Fatal(err)
			}
			found = append(found, parked{byReassignment[m.Reassignment], info})
		}
	}
	return found
}

// run presses Run in the web UI. Its page writes the id into the path as it is.
func (w *processFixture) run(p parked) {
	w.Helper()
	base := w.admin()
	request, err := http.NewRequestWithContext(w.Context(), http.MethodPost,
		base+"/monitoring/api/queues/"+p.task.Queue+"/archived_tasks/"+p.task.ID+":run", nil)
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Origin", base)
	if status, answer := exchange(request); status/100 != 2 {
		w.Errorf("the web UI's Run: got %d %s", status, answer)
	}
}

// audited checks that somebody's deed is in the audit log.
func (w *processFixture) audited(verb, target string) {
	w.Helper()
	entries, err := journal.New(w.rdb, w.cfg.Platform.Timeout, w.cfg.Incident.Canary).AuditEntries(w.Context(), demo.Organization, 100)
	if err != nil {
		w.Fatal(err)
	}
	if !slices.ContainsFunc(entries, func(a journal.AuditEntry) bool {
		return a.Verb == verb && strings.Contains(a.Target, target) && a.User == "local"
	}) {
		w.Errorf("the audit log has no %s of %s: %v", verb, target, entries)
	}
}

// exchange sends a request and returns what came back; 0 is no answer.
func exchange(request *http.Request) (status int, answer string) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, app.ConnectionFailure(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, app.ConnectionFailure(err)
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}
