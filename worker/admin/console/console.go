// Package console is the part of the admin server for browsers: pages that are rendered here, work without scripts,
// and load nothing from other hosts. It has no data and no actions of its own. What it shows comes from package query, the
// journal and the index; a form is turned into the request that the command line would send to the API, and package ops
// does it, as the user who is logged in.
//
// With scripts a page is live: GET /live signals that something changed, and the parts of the page that are marked
// data-live are loaded again. A page that asks for a confirmation shows what was true when it was opened, and a page
// with the result of a form cannot be requested again: neither is live.
//
// Errors have pages, too: an unknown id gets a page with a way back, and while Redis is away the page says so and
// reloads.
package console

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/plaintext"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// Console serves the pages. It implements admin.Pages.
type Console struct {
	query    *query.Reader
	actions  *ops.Actions
	open     bool
	mux      *http.ServeMux
	pages    map[string]*template.Template
	live     *liveStream
	planJobs *planJobs
	prefix   string

	mu      sync.Mutex
	limited map[string]*Console // for users of some organizations, by their ids
}

// New returns the console. open says that there is no login, prefix is the path before all of its own. Close ends its
// streams.
func New(q *query.Reader, a *ops.Actions, open bool, prefix string) *Console {
	c := &Console{query: q, actions: a, open: open, mux: http.NewServeMux(), pages: parsePages(prefix), prefix: prefix, planJobs: &planJobs{}}
	c.live = newLive(c.stateDigest)
	for pattern, show := range map[string]page{
		"GET /{$}":                 c.viewOverview,
		"GET /incidents":           c.viewIncidents,
		"GET /incidents/{id}":      c.viewIncident,
		"GET /incidents/{id}/plan": c.viewPlan,
		"GET /orders":              c.viewOrders,
		"GET /orders/{name}":       c.viewOrder,
		"GET /parked":              c.viewParked,
		"GET /policy":              c.viewPolicies,
		"GET /audit":               c.viewAudit,
		"GET /confirm/{verb}":      c.viewConfirm,
		"POST /actions/{verb}":     c.runAction,
		"POST /plans":              c.makePlan,
		"GET /find":                c.viewFound,
		"/":                        notFoundPage,
	} {
		c.mux.Handle(pattern, c.servePage(show))
	}
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the templates are embedded: a mistake in them shows at every start
	}
	c.mux.Handle("GET "+admin.AssetRoot, http.StripPrefix(strings.TrimSuffix(admin.AssetRoot, "/"), http.FileServerFS(files)))
	c.mux.Handle("GET /live", c.live)
	return c
}

// Close ends the streams, so that the shutdown of the server does not wait for them. It may be called twice.
func (c *Console) Close() { c.live.close() }

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.ofUser(admin.UserOf(r)).mux.ServeHTTP(w, r)
}

// page is one page: it returns what is rendered, or an error, for which an error page is rendered.
type page func(r *http.Request) (*view, error)

// view is the content of a page.
type view struct {
	template string
	title    string
	section  string // entry of the navigation that is marked
	body     any
	still    bool   // the page is not live
	to       string // not empty: redirect there instead
}

// frame is what every page has around its content.
type frame struct {
	Title, Section string
	User           admin.User
	Operator, Open bool
	Version        string
	Path           string // of this page, to come back to
	Notice         string
	Pauses         []pause // of all locations of an organization
	Failing        int
	Stuck          int      // delivery orders that wait for an operator, of all incidents
	Urgent         int      // of them, those that may ship twice
	UrgentFirst    []urgent // the first of these
	Live           bool
	Body           any
}

// urgent is a delivery order that may ship twice.
type urgent struct{ ID, Number string }

// urgentShown is how many of them every page names.
const urgentShown = 3

// pause is a pause of all locations of one organization.
type pause struct {
	Organization string
	api.Pause
}

func notFoundPage(*http.Request) (*view, error) {
	return nil, &problem{http.StatusNotFound, "There is no such page."}
}

// problem is an error with the status of its answer.
type problem struct {
	status int
	text   string
}

func (e *problem) Error() string { return e.text }

func (c *Console) organizations() []string { return slices.Sorted(maps.Keys(c.query.Organizations)) }

func (c *Console) hasSeveral() bool { return len(c.query.Organizations) > 1 }

func (c *Console) servePage(show page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := show(r)
		if err != nil {
			c.renderError(w, r, err)
			return
		}
		if v.to != "" {
			http.Redirect(w, r, v.to, http.StatusSeeOther)
			return
		}
		f := frame{Title: v.title, Section: v.section, Notice: noticeText(r), Live: !v.still, Body: v.body}
		if err := c.fillFrame(r, &f); err != nil {
			c.renderError(w, r, err)
			return
		}
		c.render(w, r, http.StatusOK, v.template, f)
	})
}

// fillFrame reads what the frame of every page shows.
func (c *Console) fillFrame(r *http.Request, f *frame) error {
	for _, id := range c.organizations() {
		failing, err := c.query.Journal.OpenIncidents(r.Context(), id)
		if err != nil {
			return err
		}
		f.Failing += len(failing)
		if err := c.countStuck(r.Context(), id, f); err != nil {
			return err
		}
		pauses, err := c.query.ListPauses(r.Context(), id)
		if err != nil {
			return err
		}
		for _, p := range pauses {
			if p.Scope == api.AllLocations {
				f.Pauses = append(f.Pauses, pause{id, p})
			}
		}
	}
	return nil
}

// countStuck adds what waits for an operator in one organization.
func (c *Console) countStuck(ctx context.Context, organization string, f *frame) error {
	counts, err := c.query.Journal.CountSeverities(ctx, organization)
	if err != nil {
		return err
	}
	for _, n := range counts {
		f.Stuck += n
	}
	f.Urgent += counts[api.MayShipTwice]
	if counts[api.MayShipTwice] == 0 || len(f.UrgentFirst) >= urgentShown {
		return nil
	}
	rows, _, err := c.query.Journal.SeverityPage(ctx, organization, "", api.MayShipTwice, "", urgentShown-len(f.UrgentFirst))
	for _, r := range rows {
		f.UrgentFirst = append(f.UrgentFirst, urgent{r.Identity.DeliveryOrder, cmp.Or(r.Identity.OrderNumber, r.Identity.DeliveryOrder)})
	}
	return err
}

func (c *Console) renderError(w http.ResponseWriter, r *http.Request, err error) {
	var told *problem
	if errors.As(err, &told) {
		c.Fail(w, r, told.status, told.text)
		return
	}
	status, text := admin.HTTPStatus(err)
	if status >= http.StatusInternalServerError {
		c.query.Log.WarnContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	}
	c.Fail(w, r, status, text)
}

// failure is the content of an error page.
type failure struct {
	Status     int
	Head, Text string
	Again      bool   // the page may work again soon, so it reloads
	Back       string // the page from which a form came; ""
}

// retryPageAfter is after how many seconds an error page reloads while Redis is away.
const retryPageAfter = "5"

// Fail implements admin.Pages.
func (c *Console) Fail(w http.ResponseWriter, r *http.Request, status int, text string) {
	f := failure{Status: status, Text: text, Head: map[int]string{
		http.StatusBadRequest: "That cannot be done", http.StatusUnauthorized: "Log in first",
		http.StatusForbidden: "Not allowed", http.StatusNotFound: "Not found", http.StatusConflict: "Refused",
		http.StatusTooManyRequests: "Too many tries", http.StatusBadGateway: "The platform did not answer as it should",
		http.StatusServiceUnavailable: "Redis is away",
	}[status]}
	if back := r.FormValue("back"); back != "" {
		f.Back = admin.LocalPath(back)
	}
	if f.Head == "" {
		f.Head = http.StatusText(status)
	}
	if f.Again = status == http.StatusServiceUnavailable && r.Method == http.MethodGet; f.Again {
		w.Header().Set("Refresh", retryPageAfter)
	}
	c.render(w, r, status, "error", frame{Title: f.Head, Body: f})
}

// Login implements admin.Pages.
func (c *Console) Login(w http.ResponseWriter, r *http.Request, status int, text, next string) {
	c.render(w, r, status, "login", frame{Title: "Log in", Body: map[string]string{"Problem": text, "Next": next, "Name": r.PostFormValue("name")}})
}

// render writes a page. It is rendered completely before its first byte is sent.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	f.User, f.Open, f.Version = admin.UserOf(r), c.open, c.query.Version
	f.Operator = f.User.Role == admin.Operator
	f.Path = r.URL.RequestURI()
	var body bytes.Buffer
	if err := c.pages[name].ExecuteTemplate(&body, "frame", f); err != nil {
		c.query.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
		http.Error(w, "this page could not be made", http.StatusInternalServerError)
		return
	}
	text := plaintext.EscapeHidden(body.Bytes()) // foreign names cannot reverse the direction of a line or hide characters
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // the reader may have left
}
