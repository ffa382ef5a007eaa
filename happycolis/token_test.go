package happycolis

import (
	"net/url"
	"sync"
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
	accounts := []*Account{a, a.client.Account(testCredentials(), Background)}
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
	p.token = func(int) said {
		return said{header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, body: `{"access_token":"plain","token_type":"bearer","expires_in":3600}`}
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
	p.token = func(int) said { return said{body: `{"access_token":"brief","token_type":"bearer","expires_in":59}`} }
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
	p := start(t, always(said{status: 401}))
	a := p.account().client.Account(Credentials{Organization: "org_1", IntegrationToken: "fixed"}, Handover)
	if e := mustError(t, ask(t, a)); e.Kind != KindUnauthorized {
		t.Errorf("got %v, want unauthorized", e)
	}
	if diff := cmp.Diff([]asked{{"deliveryOrders", map[string]any{"orderId": "o_1"}, "Bearer fixed"}}, p.log); diff != "" {
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
	p.token = sayToken(said{status: 401, body: `{"error":"invalid_client","error_description":"` + canary + `"}`})
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })

	var rests []time.Duration
	for range 6 {
		e := mustError(t, ask(t, a))
		if e.Kind != KindUnauthorized || e.Organization != "org_1" || e.Operation != "token" || e.Code != "invalid_client" || !e.NotExecuted() {
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

func sayToken(s said) func(int) said { return func(int) said { return s } }

func TestTokenEndpointTroubleIsNotRemembered(t *testing.T) {
	t.Parallel()
	for kind, trouble := range map[Kind]said{
		KindServer:   {status: 503, body: canary},
		KindResponse: {body: `{"token_type":"bearer"}`},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := start(t, always(ok(noOrder)))
			healthy := p.token
			p.token = func(before int) said {
				if before == 0 {
					return trouble
				}
				return healthy(before)
			}
			a := p.account()
			if e := mustError(t, ask(t, a)); e.Kind != kind || !e.NotExecuted() {
				t.Errorf("got %v, NotExecuted %v; want %s, true", e, e.NotExecuted(), kind)
			}
			if err := ask(t, a); err != nil {
				t.Errorf("got %v, want the next call to ask for a token again", err)
			}
		})
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
			p.token = func(int) said {
				return said{body: `{"access_token":"t","token_type":"bearer","expires_in":3600,"scope":` + scope + `}`}
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
