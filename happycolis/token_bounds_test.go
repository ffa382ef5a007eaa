package happycolis

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestATokenHasToFitInAHeader(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]bool{
		"": false, "a": true, "!~": true, "a b": false, "a\nb": false, "a\x7fb": false, "\u00e9": false,
		strings.Repeat("x", maxToken): true, strings.Repeat("x", maxToken+1): false,
	} {
		if got := isSendable(token); got != want {
			t.Errorf("%.20q of %d bytes: got %t, want %t", token, len(token), got, want)
		}
	}
}

func TestATokenIsUsedUntilAMinuteBeforeItExpires(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	p.token = sayToken(cannedAnswer{body: `{"access_token":"t","token_type":"bearer","expires_in":90}`})
	a := p.account(atNoon)
	for range 2 {
		if err := ask(t, a); err != nil || p.tokensAsked() != 1 {
			t.Errorf("got %v after %d token requests, want one token", err, p.tokensAsked())
		}
	}
}

func TestWhatATokenAllowsIsNotKnownWithoutOne(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	p.token = sayToken(cannedAnswer{status: 503})
	granted, known, err := p.account().Scopes(t.Context())
	if e := mustError(t, err); e.Kind != KindServer || known || granted != nil {
		t.Errorf("got %v, known %t, %v; want the endpoint's trouble", granted, known, e)
	}
}

func TestRequestsForATokenAreObserved(t *testing.T) {
	t.Parallel()
	for outcome, answer := range map[string]cannedAnswer{outcomeOK: {body: `{"access_token":"t","token_type":"bearer","expires_in":3600}`}, string(KindServer): {status: 503}} {
		var calls []Call
		p := start(t, always(ok(noOrder)))
		p.token = sayToken(answer)
		a := p.account(func(o *Options) {
			o.Observe = func(c Call) { calls = append(calls, c) }
		})
		_ = ask(t, a)
		if len(calls) == 0 || calls[0].Operation != tokenOperation || calls[0].Organization != "org_1" || calls[0].Outcome != outcome || calls[0].Duration <= 0 {
			t.Errorf("got %+v, want the token request of org_1 first, with %q and a duration", calls, outcome)
		}
	}
}

// While one caller fetches a token, another one's context ends.
func TestWhoWaitsForATokenWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}), make(chan struct{})
	p := start(t, always(ok(noOrder)))
	healthy := p.token
	p.token = func(before int) cannedAnswer {
		close(asked)
		<-answer
		return healthy(before)
	}
	var looks atomic.Int32 // at the clock: two before a caller waits
	a := p.account(func(o *Options) {
		o.Now = func() time.Time {
			looks.Add(1)
			return noon
		}
	})
	first, second := make(chan error), make(chan error)
	go func() {
		_, err := a.DeliveryOrders(t.Context(), "o_1")
		first <- err
	}()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	before := looks.Load()
	go func() {
		_, err := a.DeliveryOrders(ctx, "o_1")
		second <- err
	}()
	for looks.Load() < before+2 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	e := mustError(t, <-second)
	if e.Kind != KindTransport || e.Operation != tokenOperation || !errors.Is(e, context.Canceled) || !e.IsNotExecuted() {
		t.Errorf("got %v, NotExecuted %t; want the end of its context, and nothing executed", e, e.IsNotExecuted())
	}
	close(answer)
	if err := <-first; err != nil {
		t.Errorf("got %v, want success for the first", err)
	}
}

// All who waited for credentials that turn out to be refused are told so, and none asks again.
func TestAllWhoWaitForRefusedCredentialsRest(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	for _, err := range p.askTogether(t, 0, 3, sayToken(cannedAnswer{status: 401, body: `{"error":"invalid_client"}`})) {
		if e := mustError(t, err); e.Kind != KindUnauthorized || e.RetryAfter <= 0 {
			t.Errorf("got %v, want unauthorized with a time to wait", e)
		}
	}
	if got := p.tokensAsked(); got != 1 {
		t.Errorf("got %d token requests, want one", got)
	}
}

// A token that was taken in between makes the next refusal the first one again.
func TestASuccessEndsTheStrikes(t *testing.T) {
	t.Parallel()
	now := noon
	say := cannedAnswer{status: 401}
	p := start(t, func(string, int) cannedAnswer { return say })
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } }).
		client.Account(Credentials{Organization: "org_1", IntegrationToken: "fixed"}, ClassUrgent)
	for range 2 {
		say = cannedAnswer{status: 401}
		e := mustError(t, ask(t, a))
		if e.RetryAfter <= 0 || e.RetryAfter > firstHold {
			t.Errorf("got a rest of %s, want the first one, of %s at most", e.RetryAfter, firstHold)
		}
		now = now.Add(e.RetryAfter)
		say = ok(noOrder)
		if err := ask(t, a); err != nil {
			t.Errorf("got %v, want success", err)
		}
	}
}
