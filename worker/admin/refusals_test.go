package admin

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

var update = flag.Bool("update", false, "write the golden file anew; read it before you commit")

// refusalCase is a situation in which an action is refused. prepare returns what is asked for.
type refusalCase struct {
	situation string
	prepare   func(*fixture) (method, path, body string)
	headers   []string // besides the operator's
}

// asks is a case whose world is one incident in a state, with two delivery orders that need an operator.
func asks(situation string, state journal.IncidentState, path, body string) refusalCase {
	return refusalCase{situation: situation, prepare: func(b *fixture) (string, string, string) {
		b.incident(state, "do_1", "do_2")
		return http.MethodPost, path, body
	}}
}

// after is one in whose world something happens first.
func after(situation, path, body string, happens func(*fixture)) refusalCase {
	return refusalCase{situation: situation, prepare: func(b *fixture) (string, string, string) {
		happens(b)
		return http.MethodPost, path, body
	}}
}

func looks(situation, path string) refusalCase {
	return refusalCase{situation: situation, prepare: func(b *fixture) (string, string, string) {
		b.incident(journal.Draining)
		return http.MethodGet, path, ""
	}}
}

const (
	approvePath = "/api/incidents/inc-1/approve"
	stopPath    = "/api/incidents/inc-1/stop"
	unblockPath = "/api/incidents/inc-1/unblock"
)

func refusals() []refusalCase {
	all := approvals()
	all = append(all, unblocks()...)
	all = append(all, brakes()...)
	all = append(all, acts()...)
	return append(all, others()...)
}

// planned is an incident that waits for an approval, with a plan of one delivery order.
func planned(b *fixture) (hash string) {
	b.incident(journal.AwaitingApproval)
	b.arrives(b.pending(), "loc_1", b.merchant.Orders[0])
	return b.frozen()
}

func approvals() []refusalCase {
	aged := func(b *fixture) { // the plan is of yesterday
		planned(b)
		b.changes(func(inc *journal.Incident) { inc.Plan.MadeAt = inc.Plan.MadeAt.Add(-journal.PlanKept - time.Minute) })
	}
	return []refusalCase{
		asks("approve, without a reason", journal.AwaitingApproval, approvePath, `{"hash":"0123456789abcdef"}`),
		asks("approve, an incident that is not there", journal.AwaitingApproval, "/api/incidents/inc-9/approve", because),
		asks("approve, one that does not wait for it", journal.Draining, approvePath, because),
		after("approve, one that a gate blocks", approvePath, because, func(b *fixture) {
			b.incident(journal.Blocked)
			b.brake("pause", journal.AllLocations)
		}),
		asks("approve, one that no gate blocks any more", journal.Blocked, approvePath, because),
		asks("approve, without the hash of a plan", journal.AwaitingApproval, approvePath, because),
		asks("approve, with a limit below 1", journal.AwaitingApproval, approvePath, `{"reason":"because","limit":-1}`),
		after("approve, another plan than the frozen one", approvePath, `{"reason":"because","hash":"0123456789abcdef"}`,
			func(b *fixture) { planned(b) }),
		{situation: "approve, a plan that is too old", prepare: func(b *fixture) (string, string, string) {
			aged(b)
			return http.MethodPost, approvePath, `{"reason":"because","hash":"` + b.plan().Hash + `"}`
		}},
		{situation: "approve, a plan whose rows are gone", prepare: func(b *fixture) (string, string, string) {
			hash := planned(b)
			b.must(b.desk.Journal.DeletePlan(b.t.Context(), organization, "inc-1", b.plan()))
			return http.MethodPost, approvePath, `{"reason":"because","hash":"` + hash + `"}`
		}},
		{situation: "approve, the same again", prepare: func(b *fixture) (string, string, string) {
			body := `{"reason":"because","hash":"` + planned(b) + `","approved":0}`
			b.wants(approvePath, body, http.StatusOK, "")
			return http.MethodPost, approvePath, body
		}},
		{situation: "approve, what is approved whole", prepare: func(b *fixture) (string, string, string) {
			body := `{"reason":"because","hash":"` + planned(b) + `"}`
			b.wants(approvePath, body, http.StatusOK, "")
			b.changes(func(inc *journal.Incident) { inc.State = journal.Draining })
			return http.MethodPost, approvePath, body
		}},
		after("plan, where nothing of a moving incident waits for an approval", approvePath, `{"dry_run":true}`, func(b *fixture) {
			b.incident(journal.Draining)
			b.changes(func(inc *journal.Incident) { inc.ByPlan = true })
		}),
		looks("the rows of a plan, where there is none", "/api/incidents/inc-1/plan"),
	}
}

func unblocks() []refusalCase {
	reads := func(what string) func(*journal.Incident) {
		return func(inc *journal.Incident) {
			inc.Gates = []journal.Gate{{Name: "second_observation", At: time.Now(), Pass: what == "", Detail: what}}
		}
	}
	paused := func(b *fixture) { b.brake("pause", journal.AllLocations) }
	return []refusalCase{
		asks("stop, without a reason", journal.Draining, stopPath, `{}`),
		asks("stop, an incident that is not there", journal.Draining, "/api/incidents/inc-9/stop", because),
		asks("stop, one that is stopped", journal.Stopped, stopPath, because),
		asks("stop, one that is closed", journal.Closed, stopPath, because),
		asks("unblock, without a reason", journal.Blocked, unblockPath, `{}`),
		asks("unblock, one that nothing holds", journal.Draining, unblockPath, because),
		asks("unblock, one that was dismissed", journal.Dismissed, unblockPath, because),
		asks("unblock, one that is closed and leaves no cooldown", journal.Closed, unblockPath, because),
		after("unblock, one that is paused", unblockPath, because, func(b *fixture) {
			b.incident(journal.Blocked)
			paused(b)
		}),
		after("unblock, one whose location reads something else", unblockPath, because, func(b *fixture) {
			b.incident(journal.Blocked)
			b.changes(reads("integration int_2 in ACTIVE"))
		}),
		after("unblock, one that is paused, and whose location reads something else", unblockPath, because, func(b *fixture) {
			b.incident(journal.Blocked)
			b.changes(reads("integration int_2 in ACTIVE"))
			paused(b)
		}),
		asks("unblock, one that no gate blocks any more", journal.Blocked, unblockPath, because),
		after("unblock, one that waits for an approval", unblockPath, because, func(b *fixture) {
			b.incident(journal.AwaitingApproval)
			b.changes(func(inc *journal.Incident) { inc.ByPlan = true })
			b.arrives(b.pending(), "loc_1", b.merchant.Orders[0])
		}),
		after("unblock, one that was stopped a moment ago", unblockPath, because, func(b *fixture) {
			b.incident(journal.Stopped)
			b.enrolls("do_1")
		}),
	}
}

func brakes() []refusalCase {
	paused := func(scope string) func(*fixture) { return func(b *fixture) { b.brake("pause", scope) } }
	return []refusalCase{
		asks("pause, without a reason", journal.Draining, "/api/pause", `{"location":"paris-warehouse"}`),
		after("pause, what is paused", "/api/pause", because, paused(journal.AllLocations)),
		{situation: "pause, a location that is paused", prepare: func(b *fixture) (string, string, string) {
			b.brake("pause", b.merchant.Locations[sandbox.Paris])
			return http.MethodPost, "/api/pause", `{"location":"paris-warehouse","reason":"because"}`
		}},
		asks("pause, a location that is not there", journal.Draining, "/api/pause", `{"location":"nowhere","reason":"because"}`),
		asks("resume, what is not paused", journal.Draining, "/api/resume", because),
		after("resume, a location that is paused only with everything", "/api/resume", `{"location":"paris-warehouse","reason":"because"}`,
			paused(journal.AllLocations)),
		asks("pause, an organization that is not there", journal.Draining, "/api/pause", `{"organization":"org_9","reason":"because"}`),
	}
}

func acts() []refusalCase {
	const proceed = "/api/orders/proceed"
	unconfirmed := func(b *fixture) string {
		id := b.pending()
		b.incident(journal.Draining, id)
		b.rests(id, journal.CancelUnconfirmed)
		return id
	}
	var all []refusalCase
	for _, verb := range []string{"retry", "leave"} {
		path := "/api/orders/" + verb
		all = append(all,
			asks(verb+", without a reason", journal.Draining, path, `{"ids":["do_1"]}`),
			asks(verb+", naming nothing", journal.Draining, path, because),
			asks(verb+", naming orders and a filter", journal.Draining, path, `{"ids":["do_1"],"filter":{"location":"lyon"},"reason":"because"}`),
			asks(verb+", an order that is not there", journal.Draining, path, `{"ids":["do_9"],"reason":"because"}`),
			asks(verb+", a filter that nothing matches", journal.Draining, path, `{"filter":{"reason_code":"no_candidate"},"reason":"because"}`),
			asks(verb+", of an incident that is not there", journal.Draining, path, `{"filter":{"incident":"inc-9"},"reason":"because"}`),
			asks(verb+", another number than was counted", journal.Draining, path, `{"filter":{"incident":"inc-1"},"reason":"because","expect":3}`),
			after(verb+", one that was left meanwhile", path, `{"ids":["do_1"],"reason":"because"}`, func(b *fixture) {
				b.incident(journal.Draining, "do_1")
				b.acts(b.desk.Handover.Leave, "do_1")
			}),
			after(verb+", one that moved on between the count and the deed", path, `{"ids":["do_1"],"reason":"because"}`, func(b *fixture) {
				b.incident(journal.Draining, "do_1")
				b.desk.Handover = hurried{b.desk.Handover, b}
			}))
	}
	return append(all,
		asks("proceed, without a reason", journal.Draining, proceed, `{"ids":["do_1"]}`),
		asks("proceed, one whose cancellation was refused", journal.Draining, proceed, `{"ids":["do_1"],"reason":"because"}`),
		refusalCase{situation: "proceed, where the location works again", prepare: func(b *fixture) (string, string, string) {
			return http.MethodPost, proceed, `{"ids":["` + unconfirmed(b) + `"],"reason":"because"}`
		}},
		refusalCase{situation: "proceed, where the location has begun to prepare it", prepare: func(b *fixture) (string, string, string) {
			b.platform.Break(sandbox.Paris)
			id := unconfirmed(b)
			b.must(b.platform.WarehouseStart(id))
			return http.MethodPost, proceed, `{"ids":["` + id + `"],"reason":"because"}`
		}})
}

// hurried is a handover whose rows were left by somebody faster.
type hurried struct {
	Handovers
	b *fixture
}

func (h hurried) Retry(ctx context.Context, r *journal.Reassignment, by handover.Actor) error {
	h.b.acts(h.Handovers.Leave, r.Identity.DeliveryOrder)
	r.State, r.Reason = journal.Left, journal.ByPerson
	return h.Handovers.Retry(ctx, r, by)
}

func (h hurried) Leave(ctx context.Context, r *journal.Reassignment, by handover.Actor) error {
	h.b.acts(h.Handovers.Leave, r.Identity.DeliveryOrder)
	r.State, r.Reason = journal.Left, journal.ByPerson
	return h.Handovers.Leave(ctx, r, by)
}

func others() []refusalCase {
	two := func(b *fixture) { b.desk.Organizations["org_2"] = &worker.Organization{ID: "org_2"} }
	all := []refusalCase{
		asks("import, naming nothing", journal.Draining, "/api/import", `{}`),
		asks("import, a location that is not there", journal.Draining, "/api/import", `{"location":"nowhere"}`),
		asks("import, too much at once", journal.Draining, "/api/import", `{"list":"l","ids":[`+strings.Repeat(`"o",`, maxChunk)+`"o"]}`),
		after("import, of one of several organizations", "/api/import", `{"list":"l","ids":["o"]}`, two),
		after("pause, a location of one of several organizations", "/api/pause", `{"location":"nowhere","reason":"because"}`, two),
		after("import, where the platform refuses our credentials", "/api/import", `{"list":"l","ids":["o"]}`, func(b *fixture) {
			b.platform.SetScopes(organization)
		}),
		after("import, where the platform is down", "/api/import", `{"list":"l","ids":["o"]}`, func(b *fixture) {
			b.platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500})
		}),
		looks("plan, no location", "/api/plan"),
		looks("plan, a location that is not there", "/api/plan?location=nowhere"),
		looks("plan, a location and all", "/api/plan?location=lyon&all=1"),
		looks("plan, an organization that is not there", "/api/plan?all=1&organization=org_9"),
		looks("show, an incident that is not there", "/api/incidents/inc-9"),
		looks("show, an order that is not there", "/api/orders/SO-9"),
		looks("list, too many", "/api/audit?most=0"),
		looks("what there is not", "/api/nonsense"),
		asks("a key that is not known", journal.Draining, "/api/orders/retry", `{"filter":{"reason":"x"}}`),
		after("anything, with Redis away", stopPath, because, func(b *fixture) { b.redis.Close() }),
		after("retry, where Redis goes away behind the first", "/api/orders/retry", `{"ids":["do_1","do_2"],"reason":"because"}`, func(b *fixture) {
			b.incident(journal.Draining, "do_1", "do_2")
			b.desk.Handover = &severed{Handovers: b.desk.Handover, b: b}
		}),
		after("stop, changed at the same moment", stopPath, because, func(b *fixture) {
			b.incident(journal.Draining)
			b.desk.Incidents = outrun{b.desk.Incidents}
		}),
	}
	viewer := asks("pause, as a viewer", journal.Draining, "/api/pause", because)
	viewer.headers = []string{"user", "eve"}
	stranger := asks("pause, with no login", journal.Draining, "/api/pause", because)
	stranger.headers = []string{"Authorization", ""}
	wrong := asks("pause, with a wrong password", journal.Draining, "/api/pause", because)
	wrong.headers = []string{"user", "nobody"}
	foreign := asks("pause, from a foreign page", journal.Draining, "/api/pause", because)
	foreign.headers = []string{"Origin", "https://evil.example"}
	unmarked := asks("pause, without the header that no foreign page can send", journal.Draining, "/api/pause", because)
	unmarked.headers = []string{api.CSRFHeader, ""}
	return append(all, viewer, stranger, wrong, foreign, unmarked)
}

// severed loses Redis once it did one.
type severed struct {
	Handovers
	b *fixture
}

func (s *severed) Retry(ctx context.Context, r *journal.Reassignment, by handover.Actor) error {
	if r.Identity.DeliveryOrder == "do_2" {
		s.b.redis.Close()
	}
	return s.Handovers.Retry(ctx, r, by)
}

// outrun loses against whoever is faster.
type outrun struct{ Incidents }

func (outrun) Stop(context.Context, *journal.Incident, handover.Actor) error {
	return fmt.Errorf("writing incident inc-1: version 3 is now 4: %w", journal.ErrObsolete)
}

// changes gives the incident another record.
func (b *fixture) changes(change func(*journal.Incident)) {
	b.t.Helper()
	inc, err := b.desk.Journal.Incident(b.t.Context(), organization, "inc-1")
	b.must(err)
	change(inc)
	b.must(b.desk.Journal.SaveIncident(b.t.Context(), inc, time.Now()))
}

func (b *fixture) plan() *journal.Plan {
	b.t.Helper()
	inc, err := b.desk.Journal.Incident(b.t.Context(), organization, "inc-1")
	b.must(err)
	return inc.Plan
}

// enrolls puts a delivery order under the incident that nobody has begun with.
func (b *fixture) enrolls(id string) {
	b.t.Helper()
	_, _, err := b.desk.Journal.Enroll(b.t.Context(), &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: "inc-1", DeliveryOrder: id, FromID: "loc_1", From: "paris-warehouse", OpenedAt: time.Now()}})
	b.must(err)
}

func (b *fixture) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// What differs from run to run.
var (
	someHash = regexp.MustCompile(`\b[0-9a-f]{16}\b`)
	someTime = regexp.MustCompile(`\b\d\d:\d\d:\d\d UTC\b`)
	notThere = "0123456789abcdef"
)

// told is the answer to a case, as the golden file has it.
func (c refusalCase) told(t *testing.T) string {
	b := newFixture(t, ops, eve)
	method, path, body := c.prepare(b)
	headers := append([]string{"user", "ops", api.CSRFHeader, "1"}, c.headers...)
	status, answer, _ := b.call(method, path, body, headers...)
	var refused struct{ Error string }
	if err := json.Unmarshal([]byte(answer), &refused); err != nil || status < http.StatusBadRequest || refused.Error == "" {
		t.Errorf("%s: got %d %s, want a refusal", c.situation, status, answer)
	}
	text := someHash.ReplaceAllStringFunc(refused.Error, func(hash string) string {
		if hash == notThere {
			return hash
		}
		return "HASH"
	})
	text = someTime.ReplaceAllString(text, "TIME")
	for _, d := range b.merchant.InFlight {
		text = strings.ReplaceAll(text, d, "DELIVERY_ORDER")
	}
	return fmt.Sprintf("%s\n  %d %s\n", c.situation, status, text)
}

func TestEveryRefusalReadsAsTheGoldenFile(t *testing.T) {
	t.Parallel()
	cases := refusals()
	told := make([]string, len(cases))
	t.Run("cases", func(t *testing.T) {
		for i, c := range cases {
			t.Run(c.situation, func(t *testing.T) {
				t.Parallel()
				told[i] = c.told(t)
			})
		}
	})
	all := strings.Join(told, "")
	file := filepath.Join("testdata", "refusals.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
