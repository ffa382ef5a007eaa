package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
)

// Sizes and times of a trial with a troubled organization.
const (
	troubledOrders  = 100              // of which far more are at work at once than an organization has slots
	troubledAtWork  = 30               // rows of it when the trouble begins
	troubledRequest = 90 * time.Second // the deadline of a request: nobody may wait for one that hangs
	troubledRetry   = "2"              // seconds that a throttled organization is told to stay away
)

// troubles are what an organization's platform does to its every request.
var troubles = map[string]http.HandlerFunc{
	"hangs":                   func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"refuses the credentials": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
	"throttles": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", troubledRetry)
		w.WriteHeader(http.StatusTooManyRequests)
	},
}

// TestOneOrganizationsTroubleNeverDelaysAnother has one organization in the middle of a drain when its platform
// goes bad. The location of another fails then, and is drained before a single request that hangs was given up.
func TestOneOrganizationsTroubleNeverDelaysAnother(t *testing.T) {
	t.Parallel()
	for name := range troubles {
		t.Run("it "+name, func(t *testing.T) {
			t.Parallel()
			playTrouble(t, troubles[name])
		})
	}
}

func playTrouble(t *testing.T, trouble http.HandlerFunc) {
	const other = "other-organization"
	o := demo.SandboxOrganization(other)
	var troubled atomic.Bool
	w := newTrial(t, embeddedStore(t), func(c *config.Config) {
		c.Platform.Timeout = troubledRequest
		c.Platform.GraphQLURL = between(t, c.Platform.GraphQLURL, o.IntegrationToken, &troubled, trouble)
		second := trialOrganization(o)
		second.Credentials.IntegrationToken = "token-" + other
		c.Organizations = append(c.Organizations, second)
	})
	w.platform.AddOrganization(o)
	w.subscribe(other, w.receiver)
	bad := sandbox.Seed(w.platform, sandbox.SeedOptions{Organization: other, Orders: troubledOrders, Seed: 4})
	w.seed(trialOrders)
	w.heard(other)
	atRest := func(organization string) (rows, rest int) {
		for _, r := range w.rows() {
			if r.OrganizationID == organization {
				rows++
				if r.State.IsAtRest() {
					rest++
				}
			}
		}
		return rows, rest
	}
	w.platform.Break(bad.Locations[sandbox.Paris])
	w.until("the first organization drains", func() bool { rows, _ := atRest(other); return rows >= troubledAtWork })
	troubled.Store(true)
	w.platform.Break(w.merchant.Locations[sandbox.Paris])
	began := time.Now()
	w.until("the second organization is drained", func() bool {
		rows, rest := atRest(demo.Organization)
		return rows >= len(w.merchant.InFlight) && rest == rows
	})
	took := time.Since(began)
	rows, rest := atRest(other)
	t.Logf("%d delivery orders were drained in %s, while %d of %d of the other organization stood", len(w.merchant.InFlight), took, rows-rest, rows)
	if took >= troubledRequest {
		t.Errorf("it took %s: somebody waited for a request that hung for %s", took, troubledRequest)
	}
	if rows == rest {
		t.Error("the troubled organization went on: the story is too thin")
	}
	var moved []api.OrderRow
	for _, r := range w.rows() {
		if r.OrganizationID == demo.Organization {
			moved = append(moved, r)
		}
	}
	w.moved(moved)
	if got := outcomes(moved)["reassigned"]; got == 0 {
		t.Error("nothing was reassigned")
	}
	w.heard(other) // its webhooks are taken all the while
}

// between stands before the platform: requests with that token meet the trouble while there is one. What hangs
// when it ends is answered as by a gateway.
func between(t *testing.T, platform, token string, troubled *atomic.Bool, trouble http.HandlerFunc) string {
	t.Helper()
	to, err := url.Parse(strings.TrimSuffix(platform, "/graphql"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !troubled.Load() || r.Header.Get("Authorization") != "Bearer "+token {
			proxy.ServeHTTP(w, r)
			return
		}
		met := make(chan struct{})
		answer := httptest.NewRecorder()
		go func() { trouble(answer, r); close(met) }()
		for troubled.Load() {
			select {
			case <-met:
				for name, values := range answer.Header() {
					w.Header()[name] = values
				}
				w.WriteHeader(answer.Code)
				return
			case <-time.After(trialLook):
			}
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(func() { troubled.Store(false); server.Close() })
	return server.URL + "/graphql"
}
