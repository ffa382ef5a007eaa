package admin

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// action is one endpoint that does something, in a world where it can.
type action struct {
	name, path string
	prepare    func(*fixture) (body string)
	audited    string // the verb in the audit log
	movedOn    func(*fixture)
	status     int    // where the world moved on
	says       string // and what is told then
	again      int    // the answer to the same request a second time
	saysAgain  string
}

// because is the body of most actions.
const because = `{"reason":"because"}`

func actions() []action {
	all := []action{
		{
			name: "approve", path: "/api/incidents/inc-1/approve", audited: "incidents approve",
			prepare: func(b *fixture) string {
				b.incident(journal.AwaitingApproval)
				b.arrives(b.pending(), "loc_1", b.merchant.Orders[0])
				return `{"reason":"because","hash":"` + b.frozen() + `","approved":0}`
			},
			movedOn: func(b *fixture) {
				b.arrives("do_new", "loc_1", "order_new")
				b.frozen() // somebody made another plan
			},
			status: http.StatusConflict, says: "plan", again: http.StatusConflict, saysAgain: "ops approved 1 of these at ",
		},
		{
			name: "stop", path: "/api/incidents/inc-1/stop", audited: "incidents stop",
			prepare: func(b *fixture) string { b.incident(journal.Draining); return because },
			movedOn: func(b *fixture) { b.becomes(journal.Closed) },
			status:  http.StatusConflict, says: "incident inc-1 is closed already", again: http.StatusConflict, saysAgain: "incident inc-1 is stopped already",
		},
		{
			name: "open", path: "/api/incidents", audited: "incidents open",
			prepare: func(*fixture) string { return `{"location":"paris-warehouse","reason":"because"}` },
			movedOn: func(b *fixture) {
				if _, err := b.desk.Incidents.OpenByHand(b.t.Context(), organization, b.merchant.Locations[sandbox.Paris], handover.Actor{User: "somebody", Reason: "else"}); err != nil {
					b.t.Fatal(err)
				}
			},
			status: http.StatusConflict, says: "which somebody opened by hand: else", again: http.StatusConflict, saysAgain: "which ops opened by hand: because",
		},
		{
			name: "open by id", path: "/api/incidents", audited: "incidents open",
			prepare: func(b *fixture) string {
				return `{"location":"` + b.merchant.Locations[sandbox.Paris] + `","reason":"because"}`
			},
			movedOn: func(b *fixture) {
				if _, err := b.desk.Journal.Open(b.t.Context(), &journal.Incident{ID: "inc-2", Organization: organization,
					LocationID: b.merchant.Locations[sandbox.Paris], State: journal.Settling, OpenedAt: time.Now()}); err != nil {
					b.t.Fatal(err)
				}
			},
			status: http.StatusConflict, says: "reassigner incidents stop inc-2", again: http.StatusConflict, saysAgain: "which ops opened by hand: because",
		},
		{
			name: "close", path: "/api/incidents/inc-1/close", audited: "incidents close",
			prepare: func(b *fixture) string {
				b.incident(journal.AwaitingApproval)
				b.opensByHand()
				return because
			},
			movedOn: func(b *fixture) { b.becomes(journal.Closed) },
			status:  http.StatusConflict, says: "incident inc-1 is closed already", again: http.StatusConflict, saysAgain: "incident inc-1 was closed by ops",
		},
		{
			name: "unblock", path: "/api/incidents/inc-1/unblock", audited: "incidents unblock",
			prepare: func(b *fixture) string { b.incident(journal.Stopped); return because },
			movedOn: func(b *fixture) { b.becomes(journal.Draining) },
			status:  http.StatusConflict, says: "nothing holds it that could be lifted", again: http.StatusConflict, saysAgain: "incident inc-1 is closed",
		},
		{
			name: "pause everything", path: "/api/pause", audited: "pause",
			prepare: func(b *fixture) string { b.incident(journal.Draining); return because },
			movedOn: func(b *fixture) { b.brake("pause", journal.AllLocations) },
			status:  http.StatusConflict, says: "everything is paused already", again: http.StatusConflict, saysAgain: "everything is paused already",
		},
		{
			name: "pause a location", path: "/api/pause", audited: "pause",
			prepare: func(b *fixture) string { return `{"location":"paris-warehouse","reason":"because"}` },
			movedOn: func(b *fixture) { b.brake("pause", b.merchant.Locations[sandbox.Paris]) },
			status:  http.StatusConflict, says: "paris-warehouse is paused already", again: http.StatusConflict, saysAgain: "paris-warehouse is paused already",
		},
		{
			name: "resume", path: "/api/resume", audited: "resume",
			prepare: func(b *fixture) string { b.brake("pause", journal.AllLocations); return because },
			movedOn: func(b *fixture) { b.brake("resume", journal.AllLocations) },
			status:  http.StatusConflict, says: "there is no pause of everything to lift", again: http.StatusConflict, saysAgain: "there is no pause of everything to lift",
		},
		{
			name: "resume a location", path: "/api/resume", audited: "resume",
			prepare: func(b *fixture) string {
				b.brake("pause", b.merchant.Locations[sandbox.Paris])
				return `{"location":"paris-warehouse","reason":"because"}`
			},
			movedOn: func(b *fixture) { b.brake("resume", b.merchant.Locations[sandbox.Paris]) },
			status:  http.StatusConflict, says: "paris-warehouse is not paused by itself", again: http.StatusConflict, saysAgain: "paris-warehouse is not paused by itself",
		},
		{
			name: "proceed by location", path: "/api/orders/proceed", audited: "orders proceed",
			prepare: func(b *fixture) string {
				b.platform.Break(sandbox.Paris)
				id := b.pending()
				b.incident(journal.Draining, id, "do_2")
				b.rests(id, journal.CancelUnconfirmed)
				return `{"filter":{"location":"paris-warehouse"},"reason":"because","expect":1}`
			},
			movedOn: func(b *fixture) { b.acts(b.desk.Handover.Leave, b.pending()) },
			status:  http.StatusNotFound, says: "proceed applies only to what rests as cancel_unconfirmed", again: http.StatusNotFound, saysAgain: "proceed applies only to",
		},
		{
			name: "import a list", path: "/api/import", audited: "import",
			prepare: func(b *fixture) string {
				return `{"list":"l","ids":["` + b.merchant.Orders[0] + `"],"reason":"because"}`
			},
			movedOn: func(b *fixture) { b.platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500}) },
			status:  http.StatusBadGateway, says: "the platform did not do its part", again: http.StatusOK,
		},
		{
			name: "proceed", path: "/api/orders/proceed", audited: "orders proceed",
			prepare: func(b *fixture) string {
				b.platform.Break(sandbox.Paris)
				id := b.pending()
				b.incident(journal.Draining, id)
				b.rests(id, journal.CancelUnconfirmed)
				return `{"ids":["` + id + `"],"reason":"because","expect":1}`
			},
			movedOn: func(b *fixture) { b.platform.Recover(sandbox.Paris, false) },
			status:  http.StatusConflict, says: "does not read ERROR any more", again: http.StatusConflict, saysAgain: "proceed applies only to what rests as cancel_unconfirmed",
		},
		{
			name: "test alerts", path: "/api/alerts/test", audited: "alerts test",
			prepare: func(b *fixture) string { b.desk.Query.Targets = someTargets(); return because },
			movedOn: func(b *fixture) { b.desk.Query.Targets = nil },
			status:  http.StatusNotFound, says: "there is no target of alerts", again: http.StatusOK, saysAgain: `"error":"cannot be reached"`,
		},
		{
			name: "test one target of alerts", path: "/api/alerts/test", audited: "alerts test",
			prepare: func(b *fixture) string {
				b.desk.Query.Targets = someTargets()
				return `{"target":"alerts.targets[1]","reason":"because"}`
			},
			movedOn: func(b *fixture) { b.desk.Query.Targets = b.desk.Query.Targets[:1] },
			status:  http.StatusNotFound, says: "there are alerts.targets[0]", again: http.StatusOK, saysAgain: "cannot be reached",
		},
		{
			name: "import a location", path: "/api/import", audited: "import",
			prepare: func(b *fixture) string { return `{"location":"paris-warehouse","reason":"because"}` },
			movedOn: func(b *fixture) { b.arrives("do_gone", b.merchant.Locations[sandbox.Paris], "order_gone") },
			status:  http.StatusOK, says: `"skipped":[{"id":"order_gone","kind":"not_found"}]`, again: http.StatusOK,
		},
	}
	for _, verb := range []string{"retry", "leave"} {
		path, audited := "/api/orders/"+verb, "orders "+verb
		left := func(b *fixture) {
			b.acts(b.desk.Handover.Leave, "do_1")
		}
		all = append(all,
			action{
				name: verb + " one", path: path, audited: audited,
				prepare: func(b *fixture) string {
					b.incident(journal.Draining, "do_1")
					return `{"ids":["do_1"],"reason":"because"}`
				},
				movedOn: left, status: http.StatusConflict, says: "do_1 is left; only what needs a person or waits for capacity can be acted on",
				again: http.StatusConflict, saysAgain: "only what needs a person or waits for capacity can be acted on",
			},
			action{
				name: verb + " by reason", path: path, audited: audited,
				prepare: func(b *fixture) string {
					b.incident(journal.Draining, "do_1", "do_2")
					return `{"filter":{"incident":"inc-1","reason_code":"cancel_refused"},"reason":"because","expect":2}`
				},
				movedOn: left, status: http.StatusConflict, says: "2 matched when they were counted, 1 match now; nothing was done, look again",
				again: http.StatusNotFound, saysAgain: "nothing that needs a person matches",
			},
			action{
				name: verb + " by location", path: path, audited: audited,
				prepare: func(b *fixture) string {
					b.incident(journal.Draining, "do_1", "do_2")
					return `{"filter":{"location":"paris-warehouse"},"reason":"because","expect":2}`
				},
				movedOn: left, status: http.StatusConflict, says: "2 matched when they were counted, 1 match now; nothing was done, look again",
				again: http.StatusNotFound, saysAgain: "nothing that needs a person matches",
			})
	}
	return all
}

// frozen has the plan of the incident made.
func (b *fixture) frozen() string {
	b.t.Helper()
	inc, err := b.desk.Journal.Incident(b.t.Context(), organization, "inc-1")
	if err == nil {
		inc, err = b.desk.Incidents.FreezePlan(b.t.Context(), inc)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return inc.Plan.Hash
}

// opensByHand makes the incident one that an operator opened.
func (b *fixture) opensByHand() {
	b.t.Helper()
	inc, err := b.desk.Journal.Incident(b.t.Context(), organization, "inc-1")
	if err == nil {
		inc.ByHand, inc.ByPlan = &journal.ByHand{By: "somebody", Reason: "flood", At: time.Now()}, true
		err = b.desk.Journal.SaveIncident(b.t.Context(), inc, time.Now())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// becomes gives the incident another state.
func (b *fixture) becomes(state journal.IncidentState) {
	b.t.Helper()
	inc, err := b.desk.Journal.Incident(b.t.Context(), organization, "inc-1")
	if err == nil {
		inc.State = state
		err = b.desk.Journal.SaveIncident(b.t.Context(), inc, time.Now())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *fixture) brake(name, scope string) {
	b.t.Helper()
	change := b.desk.Incidents.Pause
	if name == "resume" {
		change = b.desk.Incidents.Resume
	}
	if _, err := change(b.t.Context(), organization, scope, handover.Actor{User: "somebody", Reason: "else"}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *fixture) acts(do actionFunc, deliveryOrder string) {
	b.t.Helper()
	r, err := b.desk.Journal.Get(b.t.Context(), organization, journal.ReassignmentID("inc-1", deliveryOrder))
	if err == nil {
		err = do(b.t.Context(), r, handover.Actor{User: "somebody", Reason: "else"})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// pending is a delivery order at Paris that is PENDING on the platform.
func (b *fixture) pending() string {
	b.t.Helper()
	for _, d := range b.platform.Books().DeliveryOrders {
		if d.Location == b.merchant.Locations[sandbox.Paris] && d.Status == "PENDING" {
			return d.ID
		}
	}
	b.t.Fatal("no delivery order at Paris is PENDING")
	return ""
}

// arrives lets the index hear of a delivery order at a location.
func (b *fixture) arrives(deliveryOrder, location, order string) {
	b.t.Helper()
	entry := index.Entry{ID: deliveryOrder, Location: location, Orders: []string{order}, Status: "PENDING", Date: time.Now()}
	if _, err := b.desk.Index.Put(b.t.Context(), organization, entry, ""); err != nil {
		b.t.Fatal(err)
	}
}

// rests gives a row another reason.
func (b *fixture) rests(deliveryOrder string, reason journal.Reason) {
	b.t.Helper()
	r, err := b.desk.Journal.Get(b.t.Context(), organization, journal.ReassignmentID("inc-1", deliveryOrder))
	if err == nil {
		r.Reason = reason
		_, err = b.desk.Journal.Finish(b.t.Context(), r, time.Now())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestEveryAction(t *testing.T) {
	t.Parallel()
	for _, a := range actions() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct {
				name    string
				headers []string
			}{
				{"a viewer is refused", []string{"user", "eve", api.CSRFHeader, "1"}},
				{"nobody is refused", []string{api.CSRFHeader, "1"}},
				{"without a token it is refused", []string{"user", "ops", "Content-Type", "application/json"}},
				{"from a foreign page it is refused", []string{"user", "ops", api.CSRFHeader, "1", "Origin", "https://evil.example"}},
			} {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					b := newFixture(t, ops, eve)
					body, before := a.prepare(b), b.redis.Dump()
					if status, answer, _ := b.call(http.MethodPost, a.path, body, c.headers...); status != http.StatusForbidden && status != http.StatusUnauthorized {
						t.Errorf("got %d %s", status, answer)
					}
					if after := b.redis.Dump(); after != before {
						t.Errorf("it changed something: before\n%s\nafter\n%s", before, after)
					}
				})
			}
			t.Run("to an operator of another organization there is nothing to act on", func(t *testing.T) {
				t.Parallel()
				b := newFixture(t, foreign)
				body, before := a.prepare(b), b.redis.Dump()
				status, answer, _ := b.call(http.MethodPost, a.path, body, "user", "foreign", api.CSRFHeader, "1")
				if status != http.StatusNotFound && status != http.StatusForbidden && status != http.StatusBadRequest {
					t.Errorf("got %d %s", status, answer)
				}
				if after := b.redis.Dump(); after != before {
					t.Errorf("it changed something: before\n%s\nafter\n%s", before, after)
				}
			})
			t.Run("by GET it does nothing", func(t *testing.T) {
				t.Parallel()
				b := newFixture(t, ops)
				body, before := a.prepare(b), b.redis.Dump()
				b.call(http.MethodGet, a.path, body, "user", "ops", api.CSRFHeader, "1")
				if after := b.redis.Dump(); after != before {
					t.Errorf("it changed something: before\n%s\nafter\n%s", before, after)
				}
			})
			t.Run("it is recorded, and repeated it does nothing more", func(t *testing.T) {
				t.Parallel()
				b := newFixture(t, ops)
				body := a.prepare(b)
				b.wants(a.path, body, http.StatusOK, "")
				recorded := b.audited()
				if len(recorded) == 0 {
					t.Fatal("it is not in the audit log")
				}
				for _, e := range recorded {
					if e.Verb != a.audited || e.User != "ops" || e.Reason != "because" {
						t.Errorf("recorded as %+v, want %s by ops, because", e, a.audited)
					}
				}
				b.wants(a.path, body, a.again, a.saysAgain)
				for _, e := range b.audited()[:len(b.audited())-len(recorded)] {
					if a.again != http.StatusOK && e.Result != "asked" && !strings.HasPrefix(e.Result, "refused: ") {
						t.Errorf("refused, it is in the audit log as %q", e.Result)
					}
				}
			})
			t.Run("where the world moved on it says so", func(t *testing.T) {
				t.Parallel()
				b := newFixture(t, ops)
				body := a.prepare(b)
				a.movedOn(b)
				b.wants(a.path, body, a.status, a.says)
				for _, e := range b.audited() {
					if strings.HasPrefix(e.Result, "done") {
						t.Errorf("recorded as done: %+v", e)
					}
				}
			})
		})
	}
}

// wants posts as the operator and compares the answer.
func (b *fixture) wants(path, body string, want int, says string) {
	b.t.Helper()
	status, answer, _ := b.call(http.MethodPost, path, body, "user", "ops", api.CSRFHeader, "1")
	if status != want || !strings.Contains(answer, says) {
		b.t.Errorf("%s %s: got %d %s, want %d with %q", path, body, status, answer, want, says)
	}
}
