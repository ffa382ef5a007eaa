package admin

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/redis/go-redis/v9"

	operations "happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/ops/query"
)

// Options are the parts that the admin server uses.
type Options struct {
	Query          *query.Reader
	Actions        *operations.Actions
	Redis          redis.UniversalClient        // for sessions and the counters of wrong logins
	Connect        func() redis.UniversalClient // makes a client that the web UI closes itself
	Metrics        http.Handler                 // of /metrics; nil: served on another listener
	Users          []User                       // none: everybody who can connect is operator "local"
	PublicURL      string                       // at which people reach this listener; "": not known
	TimeZone       string                       // of people, for programs that show times to them; "": not said
	TrustedProxies []netip.Prefix               // whose X-Forwarded-* is believed
	Now            func() time.Time
	Log            *slog.Logger
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
	pages        Pages
}

// New returns the admin server, without listening. Close releases its connections.
func New(o Options) *Server {
	d := &Server{Options: o, passwords: digestUsers(o.Users), throttle: newThrottle(o.Redis)}
	d.public = readPublicAddress(o.PublicURL)
	d.foreignPages, _ = d.public.newForeignPages() // it is an origin
	d.web = newQueueUI(o.Connect, d.public.prefix)
	return d
}

// Close closes the web UI's connections.
func (d *Server) Close() error { return d.web.close() }

// apiRoot is where the JSON API lives, metricsPath where metrics are scraped.
const (
	apiRoot     = "/api/"
	metricsPath = "/metrics"
)

// Handler returns everything behind the guard: the API, the task queue's web UI, and the pages. With pages nil there
// are none, and no login form.
func (d *Server) Handler(pages Pages) http.Handler {
	d.pages = pages
	mux := http.NewServeMux()
	mux.Handle(apiRoot, d.apiByUser())
	mux.Handle(monitoringRoot+"/", d.queueUIHandler())
	if d.Metrics != nil {
		mux.Handle("GET "+metricsPath, d.Metrics)
	}
	if pages != nil {
		mux.HandleFunc("GET "+LoginPath, d.loginForm)
		mux.HandleFunc("POST "+LoginPath, d.handleLogin)
		mux.HandleFunc("POST "+LogoutPath, d.handleLogout)
		mux.Handle("/", pages)
	}
	return d.public.servePrefixed(d.authorize(mux))
}

// jsonAPI returns the JSON API, for requests that passed the guard already.
func (d *Server) jsonAPI() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range d.endpoints() {
		mux.Handle(pattern, d.serveEndpoint(handle))
	}
	mux.Handle("/", d.serveEndpoint(errNotFound))
	return mux
}
