package desk

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/incident/alert"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Incidents is what a person may want of incidents.
type Incidents interface {
	Stop(ctx context.Context, inc *journal.Incident, by handover.By) error
	Unblock(ctx context.Context, inc *journal.Incident, by handover.By) error
	DescribeUnblock(ctx context.Context, inc *journal.Incident) (string, error)
	Blocking(ctx context.Context, inc *journal.Incident) (incident.GateReport, error)
	CheckApprovable(ctx context.Context, inc *journal.Incident) error
	Freeze(ctx context.Context, inc *journal.Incident) (*journal.Incident, error)
	Approve(ctx context.Context, inc *journal.Incident, want incident.Approval, by handover.By) error
	Waiting(ctx context.Context, inc *journal.Incident) (incident.Waiting, error)
	Pause(ctx context.Context, organization, scope string, by handover.By) (bool, error)
	Resume(ctx context.Context, organization, scope string, by handover.By) (bool, error)
	Rehearse(organization string, all bool) *incident.Rehearsal
}

// Handovers is what a person may want of one reassignment.
type Handovers interface {
	Retry(ctx context.Context, r *journal.Reassignment, by handover.By) error
	Leave(ctx context.Context, r *journal.Reassignment, by handover.By) error
	Proceed(ctx context.Context, r *journal.Reassignment, by handover.By) error
}

// Allowances are what the platform said last of its rate limit.
type Allowances interface {
	Last(ctx context.Context, organization string) (happycolis.Allowance, error)
}

// Options are what the desk works with.
type Options struct {
	Journal       *journal.Journal
	Index         *index.Index
	Organizations map[string]*worker.Organization
	Handover      Handovers
	Incidents     Incidents
	Allowances    Allowances
	Redis         redis.UniversalClient        // sessions, and the count of wrong logins
	Connect       func() redis.UniversalClient // a new client, for the web UI to own
	Metrics       http.Handler                 // of /metrics; nil: they are served elsewhere
	Targets       []alert.Target               // of alerts
	Users         []User                       // none: everybody on this machine is operator
	PolicyFile    func(organization string) PolicyFile
	Version       string
	Now           func() time.Time
	Log           *slog.Logger
}

// Desk serves the admin listener.
type Desk struct {
	Options
	passwords map[string]credentials
	throttle  *throttle
	web       *monitoring
	imports   imports
	pages     Pages

	repeatFirst time.Duration // before the first repeat of a read that failed
}

// New returns the desk. Close gives back what it opened.
func New(o Options) *Desk {
	d := &Desk{Options: o, passwords: digestUsers(o.Users), throttle: newThrottle(o.Redis), repeatFirst: repeatFirst}
	d.web = newMonitoring(o.Connect)
	return d
}

// Close closes the web UI's connections.
func (d *Desk) Close() error { return d.web.close() }

// apiRoot is where the JSON API lives.
const apiRoot = "/api/"

// Handler serves everything behind the guard: the API, the task queue's web UI, and pages. Without pages
// there are none, and no form to log in.
func (d *Desk) Handler(pages Pages) http.Handler {
	d.pages = pages
	mux := http.NewServeMux()
	mux.Handle(apiRoot, d.API())
	mux.Handle(monitoringRoot+"/", d.monitored())
	if d.Metrics != nil {
		mux.Handle("GET /metrics", d.Metrics)
	}
	if pages != nil {
		mux.HandleFunc("GET "+LoginPath, d.loginForm)
		mux.HandleFunc("POST "+LoginPath, d.login)
		mux.HandleFunc("POST "+LogoutPath, d.logout)
		mux.Handle("/", pages)
	}
	return d.guard(mux)
}

// API serves the JSON API to whoever passed the guard.
func (d *Desk) API() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range d.endpoints() {
		mux.Handle(pattern, d.answering(handle))
	}
	mux.Handle("/", d.answering(nowhere))
	return mux
}

// endpoints are those of the API.
func (d *Desk) endpoints() map[string]handler {
	return map[string]handler{
		"GET /api/status":                  d.status,
		"GET /api/locations":               d.locations,
		"GET /api/incidents":               d.incidents,
		"GET /api/incidents/{id}":          d.incident,
		"POST /api/incidents/{id}/approve": d.approve,
		"GET /api/incidents/{id}/plan":     d.frozen,
		"POST /api/incidents/{id}/stop":    d.stop,
		"POST /api/incidents/{id}/unblock": d.unblock,
		"GET /api/orders":                  d.orders,
		"GET /api/orders/{name}":           d.order,
		"POST /api/orders/retry":           d.retry,
		"POST /api/orders/leave":           d.leave,
		"POST /api/orders/proceed":         d.proceed,
		"GET /api/plan":                    d.plan,
		"GET /api/plan/last":               d.lastPlan,
		"POST /api/pause":                  d.pause,
		"POST /api/resume":                 d.resume,
		"GET /api/import":                  d.imported,
		"POST /api/import":                 d.importing,
		"GET /api/audit":                   d.audit,
		"GET /api/parked":                  d.parked,
		"GET /api/policies":                d.policies,
	}
}

// served returns the ids of the organizations meant: the one named, or all.
func (d *Desk) served(organization string) ([]string, error) {
	if organization == "" {
		return slices.Sorted(maps.Keys(d.Organizations)), nil
	}
	if d.Organizations[organization] == nil {
		return nil, refused(http.StatusNotFound, "organization %q is not configured; name one by its id in the configuration", organization)
	}
	return []string{organization}, nil
}

// only returns the organization named, or the only one there is.
func (d *Desk) only(organization string) (*worker.Organization, error) {
	ids, err := d.served(organization)
	if err != nil {
		return nil, err
	}
	if len(ids) != 1 {
		return nil, refused(http.StatusBadRequest, "several organizations are configured; name one of them: organization, or --organization")
	}
	return d.Organizations[ids[0]], nil
}
