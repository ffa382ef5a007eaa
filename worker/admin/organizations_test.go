package admin

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
	operations "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/ops/query"
)

const otherOrganization = "org_2"

var (
	foreign = User{Name: "foreign", Password: "foreign-password", Role: Operator, Organizations: []string{otherOrganization}}
	own     = User{Name: "own", Password: "own-password", Role: Operator, Organizations: []string{organization}}
)

// newFixtureOfTwo is a fixture with a second organization, of which nothing is known. The first has something of everything
// that is shown.
func newFixtureOfTwo(t *testing.T, users ...User) *fixture {
	t.Helper()
	b := newFixture(t, users...)
	second := *b.desk.Query.Organizations[organization]
	second.ID = otherOrganization
	b.desk.Query.Organizations[otherOrganization] = &second
	b.server.Config.Handler = b.desk.Handler(wording{})
	b.incident(journal.Draining, "do_1", "do_2")
	ctx := t.Context()
	b.must(b.desk.Index.PutLocation(ctx, organization, index.Location{ID: "loc_1", Slug: "paris-warehouse"}))
	b.arrives("do_3", "loc_1", "order_3")
	b.must(b.desk.Journal.RecordAudit(ctx, organization, journal.AuditEntry{At: time.Now(), User: "ops", Verb: "pause", Target: "paris-warehouse", Reason: "because"}))
	b.must(b.desk.Journal.SaveForecast(ctx, &journal.Forecast{Organization: organization, Revision: "because"}))
	b.must(intake.NoteOversized(ctx, b.desk.Redis, organization, intake.Parked{At: time.Now(), Type: "paris-warehouse", Size: 1}))
	if _, err := b.desk.Incidents.Pause(ctx, organization, "loc_1", handover.Actor{User: "ops", Reason: "because"}); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestToAUserOfAnotherOrganizationThereIsNothing asks each endpoint that there is, also with the names of what the other
// organization has.
func TestToAUserOfAnotherOrganizationThereIsNothing(t *testing.T) {
	t.Parallel()
	b := newFixtureOfTwo(t, foreign, own)
	for _, pattern := range slices.Sorted(maps.Keys(b.desk.endpoints())) {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet {
			continue // TestEveryAction
		}
		for _, name := range []string{"do_1", "SO-0", "order_do_1"} {
			asked := strings.NewReplacer("{id}", "inc-1", "{name}", name).Replace(path)
			for _, q := range []string{"", "location=paris-warehouse", "location=loc_1", "incident=inc-1", "all=1&outlook=1", "needs_person=1", "list=l&organization=" + organization, "organization=" + organization} {
				status, answer, _ := b.call(method, asked+"?"+q, "", "user", "foreign")
				if strings.Contains(q, "organization=") && status == http.StatusOK && path != "/api/status" && !strings.Contains(path, "{") {
					t.Errorf("%s?%s: the other organization is answered for: %s", asked, q, answer)
				}
				for _, word := range []string{organization, "SO-0", "SO-1", "do_3", "because", "paris-warehouse", "inc-1"} {
					if word == "paris-warehouse" && strings.HasPrefix(path, "/api/plan") {
						continue // the platform of the tests shows it to both
					}
					if status == http.StatusOK && strings.Contains(answer, word) {
						t.Errorf("%s?%s: the answer tells of %q: %s", asked, q, word, answer)
					}
				}
				if status != http.StatusOK && status != http.StatusNotFound && status != http.StatusBadRequest {
					t.Errorf("%s?%s: got %d %s", asked, q, status, answer)
				}
			}
		}
	}
	for path, want := range map[string]string{"/api/incidents": "inc-1", "/api/orders/SO-0": "do_1", "/api/audit": "because", "/api/locations": "paris-warehouse", "/api/status": organization} {
		if status, answer, _ := b.call(http.MethodGet, path, "", "user", "own"); status != http.StatusOK || !strings.Contains(answer, want) || strings.Contains(answer, otherOrganization) {
			t.Errorf("%s by the user whose organization it is: got %d %s", path, status, answer)
		}
	}
}

func TestAUserOfSomeOrganizationsPausesTheirsOnlyAndSeesNothingThatAllShare(t *testing.T) {
	t.Parallel()
	b := newFixtureOfTwo(t, own, ops)
	b.desk.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	b.server.Config.Handler = b.desk.Handler(wording{})
	for _, c := range []struct {
		user, method, path, body string
		want                     int
	}{
		{"own", "GET", "/monitoring/", "", 403},
		{"own", "GET", "/monitoring/api/queues", "", 403},
		{"own", "DELETE", "/monitoring/api/queues/start", "", 403},
		{"own", "GET", "/metrics", "", 403},
		{"ops", "GET", "/monitoring/api/queues", "", 200},
		{"ops", "GET", "/metrics", "", 200},
		{"own", "POST", "/api/pause", `{"reason":"x"}`, 403},
		{"own", "POST", "/api/pause", `{"dry_run":true}`, 403},
		{"own", "POST", "/api/resume", `{"reason":"x"}`, 403},
		{"own", "POST", "/api/pause", `{"reason":"x","organization":"org_2"}`, 404},
		{"own", "POST", "/api/pause", `{"reason":"x","organization":"org_1"}`, 200},
		{"ops", "POST", "/api/pause", `{"reason":"x"}`, 200},
	} {
		if status, answer, _ := b.call(c.method, c.path, c.body, "user", c.user, api.CSRFHeader, "1"); status != c.want {
			t.Errorf("%s %s %s by %s: got %d %s, want %d", c.method, c.path, c.body, c.user, status, answer, c.want)
		}
	}
}

// TestTheStatusOfALimitedUserHasNothingOfOthers has an organization that nobody serves any more, and one that somebody else
// sees.
func TestTheStatusOfALimitedUserHasNothingOfOthers(t *testing.T) {
	t.Parallel()
	b := newFixtureOfTwo(t, foreign)
	b.desk.Query.Targets = []notify.Target{{Name: "of all"}, {Name: "of the other", Organizations: []string{organization}},
		{Name: "of both", Organizations: []string{organization, otherOrganization}}, {Name: "mine", Organizations: []string{otherOrganization}}}
	s, err := b.desk.Query.LimitTo(foreign.Organizations).ReadStatus(t.Context())
	b.must(err)
	if len(s.Alerts) != 1 || s.Alerts[0].Name != "mine" || len(s.Unserved) > 0 || len(s.Organizations) != 1 || s.Organizations[0].ID != otherOrganization {
		t.Errorf("got %+v", s)
	}
}

// TestALimitedReaderAndItsActionsLackNothingElse fails for a field that is forgotten where they are copied.
func TestALimitedReaderAndItsActionsLackNothingElse(t *testing.T) {
	t.Parallel()
	whole := &operations.Actions{Query: &query.Reader{Organizations: map[string]*worker.Organization{"a": {}, "b": {}}}}
	fill(t, reflect.ValueOf(whole).Elem())
	limited := whole.LimitTo([]string{"a"})
	for i := range reflect.TypeFor[operations.Actions]().NumField() {
		field := reflect.TypeFor[operations.Actions]().Field(i)
		if field.IsExported() && !reflect.ValueOf(whole).Elem().Field(i).IsZero() && reflect.ValueOf(limited).Elem().Field(i).IsZero() {
			t.Errorf("the limited actions lack %s", field.Name)
		}
	}
	if len(limited.Organizations) != 1 || len(limited.Query.Organizations) != 1 || len(whole.Query.Organizations) != 2 {
		t.Errorf("got %v and %v", limited.Organizations, limited.Query.Organizations)
	}
}

// fill gives each exported field that is unset a value.
func fill(t *testing.T, of reflect.Value) {
	t.Helper()
	for i := range of.NumField() {
		field := of.Field(i)
		if !of.Type().Field(i).IsExported() || !field.IsZero() {
			continue
		}
		switch field.Kind() {
		case reflect.Pointer:
			field.Set(reflect.New(field.Type().Elem()))
		case reflect.Map:
			field.Set(reflect.MakeMap(field.Type()))
		case reflect.Func:
			field.Set(reflect.MakeFunc(field.Type(), func([]reflect.Value) []reflect.Value { return nil }))
		case reflect.Int64:
			field.SetInt(1)
		case reflect.Interface:
			if reflect.TypeFor[noActions]().Implements(field.Type()) {
				field.Set(reflect.ValueOf(noActions{}))
			}
		default:
			t.Fatalf("%s is a %s", of.Type().Field(i).Name, field.Kind())
		}
	}
}

// noActions are actions that nobody calls.
type noActions struct {
	Handovers
	Incidents
}
