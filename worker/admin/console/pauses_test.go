package console

import (
	"flag"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/rediskey"
)

// says loads a page and wants a text in it.
func (b *fixture) says(path string, want ...string) string {
	b.t.Helper()
	status, page := b.get(path)
	for _, text := range want {
		if status != http.StatusOK || !strings.Contains(page, text) {
			b.t.Errorf("%s: got %d, want 200 with %q in\n%s", path, status, text, page)
		}
	}
	return page
}

// does submits a form and wants an answer.
func (b *fixture) does(verb string, form url.Values, status int, want string) {
	b.t.Helper()
	if got, page := b.submit("/actions/"+verb, form); got != status || !strings.Contains(page, want) {
		b.t.Errorf("%s: got %d, want %d with %q in\n%s", verb, got, status, want, page)
	}
}

// fieldIn is the value of a hidden field.
func fieldIn(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestAPlanIsMadeLookedAtAndApprovedOnce(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.AwaitingApproval)
	entry := index.Entry{ID: "do_1", Location: "loc_1", Orders: []string{"order_1"}, Status: "PENDING", Date: time.Now()}
	if _, err := b.desk.Index.Put(t.Context(), organization, entry, ""); err != nil {
		t.Fatal(err)
	}
	b.says("/incidents/inc-1", "It waits for an approval.", "Make the plan")
	if status, page := b.get("/confirm/approve?incident=inc-1"); status != http.StatusConflict || !strings.Contains(page, "There is no plan that could be approved") {
		t.Errorf("without a plan: got %d\n%s", status, page)
	}
	if status, page := b.submit("/plans", url.Values{"incident": {"inc-1"}}); status != http.StatusOK || !strings.Contains(page, "paris-warehouse") {
		t.Fatalf("making the plan: got %d\n%s", status, page)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		inc, err := b.desk.Journal.Incident(t.Context(), organization, "inc-1")
		if err == nil && inc.Plan != nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("no plan was made: %v", err)
		}
	}
	b.says("/incidents/inc-1", "Make it anew", "/confirm/approve?incident=inc-1")
	page := b.says("/confirm/approve?incident=inc-1", "Of 1 delivery order at paris-warehouse it moves 0.", "How many may move?")
	form := url.Values{"incident": {"inc-1"}, "hash": {fieldIn(page, "hash")}, "expect": {fieldIn(page, "expect")}, "reason": {"looks right"}, "back": {"/incidents/inc-1"}}
	b.does("approve", url.Values{"incident": {"inc-1"}, "hash": {"0000000000000000"}, "reason": {"x"}}, http.StatusConflict, "is not the one that is frozen now")
	b.does("approve", form, http.StatusOK, "Approve: done.")
	if got := b.lastAudit(); got.Verb != "incidents approve" || got.Reason != "looks right" {
		t.Errorf("recorded as %v", got)
	}
	b.does("approve", form, http.StatusConflict, "<h1>Refused</h1>")
}

func TestAnIncidentIsStoppedAndUnblocked(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining)
	r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: "inc-1", DeliveryOrder: "do_1", OrderNumber: "SO-1", FromID: "loc_1", OpenedAt: time.Now()}}
	if _, _, err := b.desk.Journal.Enroll(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	r.State, r.Replacement.ID, r.Release.IntendedAt = journal.ConfirmingRelease, "do_2", time.Now()
	if err := b.desk.Journal.Save(t.Context(), r, time.Now()); err != nil {
		t.Fatal(err)
	}
	b.says("/incidents/inc-1", "/confirm/stop?incident=inc-1")
	b.says("/confirm/stop?incident=inc-1", "Released, and finished in any case: 1.", "SO-1", "waits for the release")
	form := url.Values{"incident": {"inc-1"}, "reason": {"the warehouse called"}, "back": {"/incidents/inc-1"}}
	b.does("stop", form, http.StatusOK, "Stop: done.")
	b.does("stop", form, http.StatusConflict, "Incident inc-1 is stopped already.")
	b.says("/incidents/inc-1", "It was stopped.", "/confirm/unblock?incident=inc-1")
	b.says("/confirm/unblock?incident=inc-1", "This lifts the stop.")
	b.does("unblock", form, http.StatusOK, "Unblock: done.")
	b.does("unblock", form, http.StatusConflict, "nothing holds it that could be lifted")
	if got := b.lastAudit(); got.Verb != "incidents unblock" || got.User != "local" || got.Reason != "the warehouse called" {
		t.Errorf("recorded as %v", got)
	}
}

func TestWhatHoldsAnIncidentIsSaidAndOfferedWhereAPersonMayLiftIt(t *testing.T) {
	t.Parallel()
	refused := func(b *fixture, _ *journal.Incident) {
		must(t, b.rdb.HSet(t.Context(), "reassigner:{"+organization+"}:inc:inc-1", "streak", 5).Err())
	}
	reads := func(b *fixture, inc *journal.Incident) {
		inc.Gates = []journal.Gate{{Name: "second_observation", Detail: "no integration", At: time.Now()}}
		must(t, b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()))
	}
	for name, c := range map[string]struct {
		given  []func(*fixture, *journal.Incident)
		says   []string
		offers bool
	}{
		"what can be waived": {[]func(*fixture, *journal.Incident){refused},
			[]string{"It is blocked by canary", "5 delivery orders in a row were refused or not confirmed."}, true},
		"what cannot": {[]func(*fixture, *journal.Incident){reads},
			[]string{"It is blocked by second observation", "No integration.", "It goes on by itself when the location reads ERROR"}, false},
		"both": {[]func(*fixture, *journal.Incident){refused, reads},
			[]string{"It is blocked by second observation", "It is held besides by", "canary: 5 delivery orders in a row", "Unblocking waives it, too."}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			inc := b.incident(journal.Blocked)
			for _, given := range c.given {
				given(b, inc)
			}
			page := b.says("/incidents/inc-1", c.says...)
			if got := strings.Contains(page, "/confirm/unblock"); got != c.offers {
				t.Errorf("unblock offered: %v, want %v", got, c.offers)
			}
		})
	}
}

func TestAReportIsShownWhenAnIncidentEnded(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	inc := b.incident(journal.Closed)
	inc.ClosedAt = time.Now()
	inc.Report = &journal.Report{Moved: 1234, Targets: map[string]int{"lyon-warehouse": 1200, "lille-warehouse": 34}, InProgress: 2,
		Left: map[journal.Reason]int{journal.Recovered: 7}, NeedsPerson: map[journal.Reason]int{journal.NoCandidate: 3},
		FirstAt: inc.OpenedAt.Add(3 * time.Minute), LastAt: inc.OpenedAt.Add(92 * time.Minute), LongestWait: 61, Requests: 6172, IndexIncomplete: true}
	must(t, b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()))
	page := b.says("/incidents/inc-1")
	_, report, _ := strings.Cut(page, `<section class="card" aria-labelledby="report-head">`)
	report, _, _ = strings.Cut(report, "</section>")
	golden(t, "report.golden", asRead(report))
}

// Tags that end a line, and all others.
var (
	endOfLine = regexp.MustCompile(`</(h2|div|p|tr|caption)>`)
	markup    = regexp.MustCompile(`<[^>]*>`)
	blanks    = regexp.MustCompile(`[ \t]+`)
)

// asRead is a part of a page as an operator reads it, a line for each line.
func asRead(part string) string {
	part = endOfLine.ReplaceAllString(part, "\n")
	part = blanks.ReplaceAllString(markup.ReplaceAllString(part, " "), " ")
	var lines []string
	for line := range strings.Lines(html.UnescapeString(part)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

var update = flag.Bool("update", false, "write the golden files anew; read them before you commit")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o750))
		must(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestTheOverviewTellsTheRateBudget(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.says("/", "The platform did not say")
	said := happycolis.NewRateLimitStatuses(b.rdb, rediskey.Of, time.Now)
	said.Observe(happycolis.Call{Organization: organization, Limit: 1000, Remaining: 42})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if last, err := said.Last(t.Context(), organization); err == nil && last.Limit > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it was not noted")
		}
	}
	b.says("/", "42 of 1\u202f000", "nearly used")
}

func TestAGroupIsOfferedWhatHelpsWithItsReason(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	if page := b.says("/orders?incident=inc-1&state=needs_person", "Retry all", "Leave all"); strings.Contains(page, "Proceed all") {
		t.Error("whatever the reason, proceed is offered")
	}
	b.says("/orders?incident=inc-1&state=needs_person&reason=cancel_unconfirmed", "Proceed all", "Leave all")
}

func TestWhatWaitsForCapacityIsNotCalledAPersons(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	inc := b.incident(journal.AwaitingApproval)
	frozen := b.desk.Journal.NewPlan(organization, inc.ID, "revision", time.Now())
	must(t, frozen.Add(t.Context(), []journal.PlanRow{{DeliveryOrder: "do_1", OrderNumber: "SO-1", Status: "PENDING", Action: journal.Holding}}))
	inc.Plan = frozen.Plan()
	must(t, b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()))
	b.says("/incidents/inc-1", "0, 1 later", "Once capacity frees")
	b.says("/confirm/approve?incident=inc-1", "1 waits for capacity first.", "<td>wait for capacity</td>")
}
