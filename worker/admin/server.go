package admin

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
)

// Incidents are the operator actions on incidents, and what is asked about them; package incident implements it.
type Incidents interface {
	Stop(ctx context.Context, inc *journal.Incident, by handover.Actor) error
	Unblock(ctx context.Context, inc *journal.Incident, by handover.Actor) error
	DescribeUnblock(ctx context.Context, inc *journal.Incident) (string, error)
	Blocking(ctx context.Context, inc *journal.Incident) (incident.GateReport, error)
	CheckApprovable(ctx context.Context, inc *journal.Incident) error
	FreezePlan(ctx context.Context, inc *journal.Incident) (*journal.Incident, error)
	Approve(ctx context.Context, inc *journal.Incident, want incident.Approval, by handover.Actor) error
	PendingApproval(ctx context.Context, inc *journal.Incident) (incident.PendingApproval, error)
	Pause(ctx context.Context, organization, scope string, by handover.Actor) (bool, error)
	Resume(ctx context.Context, organization, scope string, by handover.Actor) (bool, error)
	NewForecast(organization string, all bool) *incident.Forecast
}

// Handovers are the operator actions on one reassignment; package handover implements it.
type Handovers interface {
	Retry(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
	Leave(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
	Proceed(ctx context.Context, r *journal.Reassignment, by handover.Actor) error
}

// RateLimitStatuses returns what the platform's last answers said of its rate limit.
type RateLimitStatuses interface {
	Last(ctx context.Context, organization string) (happycolis.RateLimitStatus, error)
}

// Options are the parts that the admin server uses.
type Options struct {
	Journal           *journal.Journal
	Index             *index.Index
	Organizations     map[string]*worker.Organization
	Handover          Handovers
	Incidents         Incidents
	RateLimitStatuses RateLimitStatuses
	Redis             redis.UniversalClient        // for sessions and the counters of wrong logins
	Connect           func() redis.UniversalClient // makes a client that the web UI closes itself
	Metrics           http.Handler                 // of /metrics; nil: served on another listener
	Targets           []notify.Target              // of alerts, for their test
	Users             []User                       // none: everybody who can connect is operator "local"
	TrustedProxies    []netip.Prefix               // whose X-Forwarded-* is believed
	PolicyFile        func(organization string) PolicyFile
	PublicURL         string // at which people reach this listener; "": not known
	Version           string
	Now               func() time.Time
	Log               *slog.Logger
}

// Server serves the admin listener.
type Server struct {
	Options
	passwords map[string]credentials
	throttle  *throttle
	web       *queueUI
	public    publicAddress

	// foreignPages refuses what a page of another site has a browser send. Its documentation promises, for everything but
	// GET, HEAD and OPTIONS: where there is a Sec-Fetch-Site, it has to be "same-origin" or "none". Every browser since
	// 2023 sends one, to HTTPS and to loopback addresses, and no page can set it; so a proxy before us may change the Host.
	// Where there is none, the host of Origin has to be that of the Host header. X-Forwarded-Host is never asked. What has
	// neither header passes: it takes that for a program. We do not, where there is a form; see forbiddenReason.
	// A page of console_url passes by its Origin.
	foreignPages *http.CrossOriginProtection

	pending pendingImports
	pages   Pages

	firstRepeat time.Duration // before the first repeat of a read that failed
}

// New returns the admin server, without listening. Close releases its connections.
func New(o Options) *Server {
	d := &Server{Options: o, passwords: digestUsers(o.Users), throttle: newThrottle(o.Redis), firstRepeat: firstRepeat}
	d.public = readPublicAddress(o.PublicURL)
	d.foreignPages, _ = d.public.newForeignPages() // it is an origin
	d.web = newQueueUI(o.Connect, d.public.prefix)
	return d
}

// Close closes the web UI's connections.
func (d *Server) Close() error { return d.web.close() }

// apiRoot is where the JSON API lives.
const apiRoot = "/api/"

// Handler returns everything behind the guard: the API, the task queue's web UI, and the pages. With pages nil there
// are none, and no login form.
func (d *Server) Handler(pages Pages) http.Handler {
	d.pages = pages
	mux := http.NewServeMux()
	mux.Handle(apiRoot, d.API())
	mux.Handle(monitoringRoot+"/", d.queueUIHandler())
	if d.Metrics != nil {
		mux.Handle("GET /metrics", d.Metrics)
	}
	if pages != nil {
		mux.HandleFunc("GET "+LoginPath, d.loginForm)
		mux.HandleFunc("POST "+LoginPath, d.handleLogin)
		mux.HandleFunc("POST "+LogoutPath, d.handleLogout)
		mux.Handle("/", pages)
	}
	return d.public.servePrefixed(d.authorize(mux))
}

// API returns the JSON API, for requests that passed the guard already.
func (d *Server) API() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range d.endpoints() {
		mux.Handle(pattern, d.serveEndpoint(handle))
	}
	mux.Handle("/", d.serveEndpoint(errNotFound))
	return mux
}

// endpoints are those of the API.
func (d *Server) endpoints() map[string]handler {
	return map[string]handler{
		"GET /api/status":                  d.handleStatus,
		"GET /api/locations":               d.handleLocations,
		"GET /api/incidents":               d.handleIncidents,
		"GET /api/incidents/{id}":          d.handleIncident,
		"POST /api/incidents/{id}/approve": d.handleApprove,
		"GET /api/incidents/{id}/plan":     d.frozenPlan,
		"POST /api/incidents/{id}/stop":    d.handleStop,
		"POST /api/incidents/{id}/unblock": d.handleUnblock,
		"GET /api/orders":                  d.handleOrders,
		"GET /api/orders/{name}":           d.handleOrder,
		"POST /api/orders/retry":           d.handleRetry,
		"POST /api/orders/leave":           d.handleLeave,
		"POST /api/orders/proceed":         d.handleProceed,
		"GET /api/plan":                    d.handlePlan,
		"GET /api/plan/last":               d.lastForecasts,
		"POST /api/pause":                  d.handlePause,
		"POST /api/resume":                 d.handleResume,
		"GET /api/import":                  d.importProgress,
		"POST /api/import":                 d.importChunk,
		"GET /api/audit":                   d.handleAudit,
		"GET /api/parked":                  d.handleParked,
		"GET /api/policies":                d.handlePolicies,
	}
}

// organizationIDs returns the id of the organization named, or of all. The error is a refusal where there is none of
// that id.
func (d *Server) organizationIDs(organization string) ([]string, error) {
	if organization == "" {
		return slices.Sorted(maps.Keys(d.Organizations)), nil
	}
	if d.Organizations[organization] == nil {
		return nil, newRefusal(http.StatusNotFound, "organization %q is not configured; name one by its id in the configuration", organization)
	}
	return []string{organization}, nil
}

// oneOrganization returns the organization named, or the only one there is.
func (d *Server) oneOrganization(organization string) (*worker.Organization, error) {
	ids, err := d.organizationIDs(organization)
	if err != nil {
		return nil, err
	}
	if len(ids) != 1 {
		return nil, newRefusal(http.StatusBadRequest, "several organizations are configured; name one of them: organization, or --organization")
	}
	return d.Organizations[ids[0]], nil
}
