package happycolis

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const noOrder = `{"deliveryOrders":[]}`

func ask(t *testing.T, a *Account) error {
	t.Helper()
	_, err := a.DeliveryOrders(t.Context(), "o_1")
	return err
}

func TestTokenIsAskedForOnceAndShared(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	a := p.account()
	accounts := []*Account{a, a.client.Account(testCredentials(), ClassBackground)}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := ask(t, accounts[i%2]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want := []url.Values{{
		"grant_type": {"client_credentials"}, "client_id": {"client_1"},
		"client_secret": {testSecret}, "organization_id": {"org_1"},
	}}
	if diff := cmp.Diff(want, p.forms); diff != "" {
		t.Errorf("token requests (-want +got):\n%s", diff)
	}
	for _, got := range p.log {
		if got.Bearer != "Bearer token-1" {
			t.Errorf("got %q, want the one token", got.Bearer)
		}
	}
}

func TestTokenInPlainTextIsReadAsJSON(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	p.token = func(int) cannedAnswer {
		return cannedAnswer{header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, body: `{"access_token":"plain","token_type":"bearer","expires_in":3600}`}
	}
	if err := ask(t, p.account()); err != nil {
		t.Fatal(err)
	}
	if got := p.log[0].Bearer; got != "Bearer plain" {
		t.Errorf("got %q, want the token", got)
	}
}

func TestTokenAboutToExpireIsReplaced(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	p.token = func(int) cannedAnswer {
		return cannedAnswer{body: `{"access_token":"brief","token_type":"bearer","expires_in":59}`}
	}
	a := p.account()
	for range 2 {
		if err := ask(t, a); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.tokensAsked(); got != 2 {
		t.Errorf("got %d token requests, want 2: a token with 59 s left is as good as expired", got)
	}
}

func TestIntegrationTokenIsTheBearer(t *testing.T) {
	t.Parallel()
	p := start(t, always(cannedAnswer{status: 401}))
	a := p.account().client.Account(Credentials{Organization: "org_1", IntegrationToken: "fixed"}, ClassUrgent)
	if e := mustError(t, ask(t, a)); e.Kind != KindUnauthorized {
		t.Errorf("got %v, want unauthorized", e)
	}
	if diff := cmp.Diff([]recordedRequest{{"deliveryOrders", map[string]any{"orderId": "o_1"}, "Bearer fixed"}}, p.log); diff != "" {
		t.Errorf("requests (-want +got): nothing better can be fetched\n%s", diff)
	}
	if got := p.tokensAsked(); got != 0 {
		t.Errorf("got %d token requests, want none", got)
	}
}

func TestRefusedCredentialsAreNotHammered(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	p := start(t, always(ok(noOrder)))
	p.token = sayToken(cannedAnswer{status: 401, body: `{"error":"invalid_client","error_description":"` + canary + `"}`})
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })

	var rests []time.Duration
	for range 6 {
		e := mustError(t, ask(t, a))
		if e.Kind != KindUnauthorized || e.Organization != "org_1" || e.Operation != "token" || e.Code != "invalid_client" || !e.IsNotExecuted() {
			t.Errorf("got %v, want the token refused for org_1", e)
		}
		asked := p.tokensAsked()
		if mustError(t, ask(t, a)); p.tokensAsked() != asked {
			t.Error("asked again while the credentials rest")
		}
		rests = append(rests, e.RetryAfter)
		now = now.Add(e.RetryAfter)
	}
	for i, want := range []time.Duration{30, 60, 120, 240, 300, 300} {
		want *= time.Second
		if got := rests[i]; got > want || got < want*8/10 {
			t.Errorf("rest %d: got %s, want %s less a fifth at most", i+1, got, want)
		}
	}
	if len(p.operations()) != 0 {
		t.Errorf("got %v, want no API request", p.operations())
	}
}

func sayToken(s cannedAnswer) func(int) cannedAnswer { return func(int) cannedAnswer { return s } }

func TestTokenEndpointTroubleIsNotRemembered(t *testing.T) {
	t.Parallel()
	oauth := func(status int, code string) cannedAnswer {
		return cannedAnswer{status: status, body: `{"error":"` + code + `"}`}
	}
	for name, tt := range map[string]struct {
		trouble cannedAnswer
		kind    Kind
		passing bool
	}{
		"HTTP 503":                         {cannedAnswer{status: 503, body: canary}, KindServer, true},
		"HTTP 500, whatever it says":       {oauth(500, "invalid_client"), KindServer, true},
		"HTTP 408":                         {cannedAnswer{status: 408}, KindServer, true},
		"an answer without a token":        {cannedAnswer{body: `{"token_type":"bearer"}`}, KindResponse, true},
		"a page":                           {cannedAnswer{header: map[string]string{"Content-Type": "text/html"}, body: "<html>back soon</html>"}, KindResponse, true},
		"a plain page":                     {cannedAnswer{header: map[string]string{"Content-Type": "text/plain"}, body: "back soon"}, KindResponse, true},
		"something behind the answer":      {cannedAnswer{body: `{"access_token":"t"} x`}, KindResponse, true},
		"a token that fits in no header":   {cannedAnswer{body: `{"access_token":"a\nb"}`}, KindResponse, true},
		"a token with a space":             {cannedAnswer{body: `{"access_token":"a b"}`}, KindResponse, true},
		"a gateway's code beside HTTP 300": {oauth(300, "SERVICE_UNAVAILABLE"), KindResponse, false},
		"a token of a megabyte":            {cannedAnswer{body: `{"access_token":"` + strings.Repeat("x", 1<<20) + `"}`}, KindResponse, true},
		"a gateway's code":                 {oauth(400, "GATEWAY_TIMEOUT"), KindServer, true},
		"a gateway's code beside HTTP 200": {oauth(200, "SERVICE_UNAVAILABLE"), KindServer, true},
		"a code that may pass":             {oauth(400, "temporarily_unavailable"), KindInvalid, false},
		"HTTP 400 without a code":          {cannedAnswer{status: 400, body: canary}, KindInvalid, false},
		"HTTP 404":                         {cannedAnswer{status: 404, body: canary}, KindInvalid, false},
		"a redirect":                       {cannedAnswer{status: 302, header: map[string]string{"Location": "/login"}}, KindResponse, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, always(ok(noOrder)))
			healthy := p.token
			p.token = func(before int) cannedAnswer {
				if before == 0 {
					return tt.trouble
				}
				return healthy(before)
			}
			a := p.account()
			e := mustError(t, ask(t, a))
			if status := max(tt.trouble.status, 200); tt.kind != KindResponse && e.Status != status {
				t.Errorf("got HTTP %d in %v, want %d", e.Status, e, status)
			}
			if e.Kind != tt.kind || !e.IsNotExecuted() || e.IsTransient() != tt.passing {
				t.Errorf("got %v, NotExecuted %t, Passing %t; want %s, true, %t", e, e.IsNotExecuted(), e.IsTransient(), tt.kind, tt.passing)
			}
			if err := ask(t, a); err != nil {
				t.Errorf("got %v, want the next call to ask for a token again", err)
			}
		})
	}
}

func TestOnlyRefusedCredentialsRest(t *testing.T) {
	t.Parallel()
	for _, refusal := range []cannedAnswer{
		{status: 401}, {status: 403, body: "<html>"}, {status: 400, body: `{"error":"invalid_client"}`}, {status: 400, body: `{"error":"invalid_grant"}`},
		{status: 400, body: `{"error":"unauthorized_client"}`}, {status: 400, body: `{"error":"unsupported_grant_type"}`}, {body: `{"error":"invalid_client"}`},
	} {
		p := start(t, always(ok(noOrder)))
		p.token = sayToken(refusal)
		a := p.account()
		for range 2 {
			if e := mustError(t, ask(t, a)); e.Kind != KindUnauthorized || e.RetryAfter < firstHold/2 || p.tokensAsked() != 1 {
				t.Errorf("HTTP %d %s: got %v after %d token requests, want unauthorized, at rest after one", refusal.status, refusal.body, e, p.tokensAsked())
			}
		}
	}
}

func TestTokenEndpointThatThrottlesIsLeftAlone(t *testing.T) {
	t.Parallel()
	after := func(text string) cannedAnswer {
		return cannedAnswer{status: 429, header: map[string]string{"Retry-After": text}}
	}
	for name, c := range map[string]struct {
		answer cannedAnswer
		most   time.Duration
	}{
		"for 7 seconds":            {after("7"), 7 * time.Second},
		"for no time that it says": {after(""), firstBackoff},
		"by a code":                {cannedAnswer{status: 400, body: `{"error":"RATE_LIMITED"}`}, firstBackoff},
	} {
		p := start(t, always(ok(noOrder)))
		p.token = sayToken(c.answer)
		a := p.account(atNoon)
		for range 2 {
			if e := mustError(t, ask(t, a)); e.Kind != KindThrottled || e.RetryAfter > c.most || e.RetryAfter < c.most*8/10 || !e.IsTransient() || p.tokensAsked() != 1 {
				t.Errorf("%s: got %v after %d token requests, want throttled for %s after one", name, e, p.tokensAsked(), c.most)
			}
		}
	}
}

func TestATokenEndpointThatThrottlesForEverIsAskedOnceInAWhile(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, always(ok(noOrder)))
	p.token = sayToken(cannedAnswer{status: 429})
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })
	for range 20 {
		e := mustError(t, ask(t, a))
		if e.RetryAfter <= 0 || e.RetryAfter > lastBackoff {
			t.Fatalf("got a rest of %s, want one of at most %s", e.RetryAfter, lastBackoff)
		}
		now = now.Add(e.RetryAfter)
	}
}

// The connection breaks in the middle of the answer: what was asked of the API was surely not executed.
func TestATokenEndpointThatBreaksOffMeansNothingWasExecuted(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	p.token = func(int) cannedAnswer { panic(http.ErrAbortHandler) }
	if e := mustError(t, p.account().CancelDeliveryOrder(t.Context(), "do_1")); e.Kind != KindTransport || !e.IsNotExecuted() {
		t.Errorf("got %v, NotExecuted %t; want the connection's trouble, and nothing executed", e, e.IsNotExecuted())
	}
}

func TestLifetimeOfATokenIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		`3600`: time.Hour, `3600.0`: time.Hour, `3599.9`: time.Hour - time.Second, `"3600"`: time.Hour, `"3600.5"`: time.Hour, `3.6e3`: time.Hour,
		`1e300`: maxLifetime, `"Inf"`: maxLifetime, `0`: 0, `-5`: 0, `0.4`: 0, `null`: 0, `"soon"`: 0, `"NaN"`: 0, `{}`: 0,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			p := start(t, always(ok(noOrder)))
			p.token = sayToken(cannedAnswer{body: `{"access_token":"t","token_type":"bearer","expires_in":` + text + `}`})
			a := p.account(atNoon)
			for range 2 {
				if err := ask(t, a); err != nil || p.tokensAsked() != 1 {
					t.Fatalf("got %v after %d token requests, want one token", err, p.tokensAsked())
				}
			}
			until := a.state.tokens.token.until
			if got := until.Sub(noon).Round(time.Second); !until.IsZero() && got != want || until.IsZero() && want != 0 {
				t.Errorf("got a token until %s, want one for %s", until, want)
			}
		})
	}
}

func TestAllWhoWaitForATokenShareWhatComesOfIt(t *testing.T) {
	t.Parallel()
	const waiting = 5
	answer := make(chan struct{})
	p := start(t, always(ok(noOrder)))
	p.token = func(int) cannedAnswer {
		<-answer
		return cannedAnswer{status: 503}
	}
	var looks atomic.Int32 // at the clock: two before a caller waits
	a := p.account(func(o *Options) {
		o.Now = func() time.Time {
			looks.Add(1)
			return noon
		}
	})
	errs := make(chan error, waiting)
	for range waiting {
		go func() {
			_, err := a.DeliveryOrders(t.Context(), "o_1")
			errs <- err
		}()
	}
	for p.tokensAsked() == 0 || looks.Load() < 2*waiting {
		time.Sleep(time.Millisecond)
	}
	close(answer)
	for range waiting {
		if e := mustError(t, <-errs); e.Kind != KindServer || !e.IsNotExecuted() {
			t.Errorf("got %v, want the endpoint's trouble", e)
		}
	}
	if got := p.tokensAsked(); got != 1 {
		t.Errorf("got %d token requests, want one for all who waited", got)
	}
	if mustError(t, ask(t, a)); p.tokensAsked() != 2 {
		t.Errorf("got %d token requests, want the next caller to ask again", p.tokensAsked())
	}
}

func TestWhoGivesUpOnATokenDoesSoAlone(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	asked, left, healthy := make(chan struct{}), make(chan struct{}), p.token
	p.token = func(before int) cannedAnswer {
		if before == 0 {
			close(asked)
			<-left
		}
		return healthy(before)
	}
	t.Cleanup(func() { close(left) })
	var looks atomic.Int32
	a := p.account(func(o *Options) {
		o.Now = func() time.Time {
			looks.Add(1)
			return noon
		}
	})
	first, leave := context.WithCancel(t.Context())
	errs, other := make(chan error), make(chan error)
	go func() {
		_, err := a.DeliveryOrders(first, "o_1")
		errs <- err
	}()
	<-asked
	before := looks.Load()
	go func() {
		_, err := a.DeliveryOrders(t.Context(), "o_1")
		other <- err
	}()
	for looks.Load() < before+2 {
		time.Sleep(time.Millisecond)
	}
	leave()
	if e := mustError(t, <-errs); !errors.Is(e, context.Canceled) {
		t.Errorf("got %v, want its own context's end", e)
	}
	if err := <-other; err != nil {
		t.Errorf("got %v, want the other to fetch a token itself", err)
	}
}

func TestWhatATokenAllowsIsReadWithCommasAndSpaces(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string][]string{
		`"view_orders,edit_orders"`: {"view_orders", "edit_orders"}, `"view_orders edit_orders"`: {"view_orders", "edit_orders"},
		`"view_orders, edit_orders"`: {"view_orders", "edit_orders"}, `""`: {}, `null`: {},
	} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel()
			p := start(t, nil)
			p.token = func(int) cannedAnswer {
				return cannedAnswer{body: `{"access_token":"t","token_type":"bearer","expires_in":3600,"scope":` + scope + `}`}
			}
			got, known, err := p.account().Scopes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" || known != (len(want) > 0) {
				t.Errorf("known %t (-want +got):\n%s", known, diff)
			}
		})
	}
}
