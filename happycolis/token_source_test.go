package happycolis

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// refusing answers with a refused token as long as the operation was asked fewer than times before.
func refusing(refusal cannedAnswer, times int) func(string, int) cannedAnswer {
	return func(operation string, before int) cannedAnswer {
		switch {
		case before < times:
			return refusal
		case operation == "deliveryOrderCancel":
			return cannedAnswer{body: cancelled}
		}
		return ok(noOrder)
	}
}

var tokenRefusals = map[string]cannedAnswer{
	"by HTTP 401":                {status: 401},
	"by code":                    errored(`null`, "UNAUTHORIZED", `[]`),
	"by code at the first field": errored(`{"deliveryOrderCancel":null,"deliveryOrders":null}`, "UNAUTHORIZED", `["deliveryOrderCancel"]`),
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for name, refusal := range tokenRefusals {
		t.Run(name+", and the query repeated", func(t *testing.T) {
			t.Parallel()
			p := start(t, refusing(refusal, 1))
			if err := ask(t, p.account()); err != nil {
				t.Fatalf("got %v, want success with the second token", err)
			}
			if len(p.log) != 2 || p.log[1].Bearer != "Bearer token-2" {
				t.Errorf("got %v, want one repetition with token-2", p.log)
			}
		})
	}
	t.Run("and not again, but the credentials rest", func(t *testing.T) {
		t.Parallel()
		p := start(t, always(cannedAnswer{status: 401}))
		a := p.account()
		for range 3 {
			if e := mustError(t, ask(t, a)); e.Kind != KindUnauthorized || e.RetryAfter <= 0 {
				t.Errorf("got %v, want unauthorized with a time to wait", e)
			}
		}
		if got := len(p.operations()); got != 2 || p.tokensAsked() != 2 {
			t.Errorf("got %d requests and %d token requests, want 2 and 2", got, p.tokensAsked())
		}
	})
}

func TestMutationIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	for name, refusal := range tokenRefusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, refusing(refusal, 1))
			a := p.account()
			e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1"))
			if e.Kind != KindUnauthorized || e.RetryAfter != 0 {
				t.Errorf("got %v, want unauthorized, to come back at once", e)
			}
			if got := p.operations(); len(got) != 1 || p.tokensAsked() != 1 {
				t.Fatalf("got %v with %d tokens, want one request with one", got, p.tokensAsked())
			}
			if err := a.CancelDeliveryOrder(t.Context(), "do_1"); err != nil || p.log[1].Bearer != "Bearer token-2" {
				t.Errorf("got %v with %s, want success with token-2", err, p.log[1].Bearer)
			}
		})
	}
	t.Run("nor where it was reserved", func(t *testing.T) {
		t.Parallel()
		p := start(t, refusing(cannedAnswer{status: 401}, 1))
		a := p.account()
		reserved, err := a.ReserveMutation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e := mustError(t, reserved.CancelDeliveryOrder(t.Context(), "do_1")); e.Kind != KindUnauthorized || len(p.operations()) != 1 {
			t.Errorf("got %v after %v, want unauthorized after one request", e, p.operations())
		}
	})
}

// What the platform answers, request by request, and whether the credentials rest after the last of them.
func TestOnlyASecondRefusalLetsTheCredentialsRest(t *testing.T) {
	t.Parallel()
	const read, cancel, open = "read", "cancel", "open"
	refused, gone := cannedAnswer{status: 401}, ok(`{"deliveryOrderOpen":{"state":"error"}}`)
	taken := map[string]cannedAnswer{read: ok(noOrder), cancel: {body: cancelled}, open: ok(`{"deliveryOrderOpen":{"state":"success"}}`)}
	type step struct {
		ask string
		say cannedAnswer
	}
	for _, tt := range []struct {
		name  string
		steps []step
		rests bool
	}{
		{"a mutation, once", []step{{cancel, refused}}, false},
		{"a mutation, and again with the new token", []step{{cancel, refused}, {cancel, refused}}, true},
		{"a mutation, and a query with the new token", []step{{cancel, refused}, {read, refused}}, true},
		{"a mutation, and another one with the new token", []step{{cancel, refused}, {open, refused}}, true},
		{"always this mutation, though queries are taken", []step{{cancel, refused}, {read, taken[read]}, {cancel, refused}}, true},
		{"always this mutation, though another is taken", []step{{cancel, refused}, {open, taken[open]}, {cancel, refused}}, true},
		{"two mutations, with a good token between", []step{{cancel, refused}, {read, taken[read]}, {open, refused}}, false},
		{"a mutation, taken, and later again", []step{{cancel, refused}, {cancel, taken[cancel]}, {cancel, refused}}, false},
		{"a mutation, refused for itself, and later again", []step{{open, refused}, {open, gone}, {open, refused}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var say cannedAnswer
			p := start(t, func(string, int) cannedAnswer { return say })
			a := p.account()
			var err error
			for _, s := range tt.steps {
				say = s.say
				switch s.ask {
				case read:
					err = ask(t, a)
				case cancel:
					err = a.CancelDeliveryOrder(t.Context(), "do_1")
				case open:
					err = a.OpenDeliveryOrder(t.Context(), "do_1")
				}
			}
			e := mustError(t, err)
			if e.Kind != KindUnauthorized || (e.RetryAfter > 0) != tt.rests {
				t.Errorf("got %v, want unauthorized, and a rest: %t", e, tt.rests)
			}
			sent := len(p.operations())
			_ = a.CancelDeliveryOrder(t.Context(), "do_1")
			if asked := len(p.operations()) > sent; asked == tt.rests {
				t.Errorf("asked again at once: %t, want %t", asked, !tt.rests)
			}
		})
	}
}

func TestARefusedIntegrationTokenRestsAtOnce(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, always(cannedAnswer{status: 401}))
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } }).
		client.Account(Credentials{Organization: "org_1", IntegrationToken: "fixed"}, ClassUrgent)
	first := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1"))
	if first.Kind != KindUnauthorized || first.RetryAfter <= 0 || !first.IsNotExecuted() {
		t.Errorf("got %v, want unauthorized with a time to wait: there is no other token", first)
	}
	if e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1")); e.Kind != KindUnauthorized || e.RetryAfter <= 0 || !e.IsNotExecuted() || len(p.operations()) != 1 {
		t.Errorf("got %v after %v, want the same without a request", e, p.operations())
	}
	now = now.Add(first.RetryAfter)
	if e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1")); e.RetryAfter <= first.RetryAfter || len(p.operations()) != 2 {
		t.Errorf("got %v after %v, want a longer rest after one more request", e, p.operations())
	}
}

// A was sent with the first token, and its refusal comes back only when B has the second one already.
func TestALateRefusalDropsNobodyElsesToken(t *testing.T) {
	t.Parallel()
	sent, renewed := make(chan struct{}), make(chan struct{})
	p := start(t, func(operation string, before int) cannedAnswer {
		switch {
		case operation == "deliveryOrderCancel":
			close(sent)
			<-renewed
			return cannedAnswer{status: 401}
		case before == 0:
			return cannedAnswer{status: 401}
		}
		return ok(noOrder)
	})
	a := p.account()
	late := make(chan error)
	go func() { late <- a.CancelDeliveryOrder(t.Context(), "do_1") }()
	<-sent
	if err := ask(t, a); err != nil {
		t.Fatal(err)
	}
	close(renewed)
	if e := mustError(t, <-late); e.Kind != KindUnauthorized || e.RetryAfter != 0 {
		t.Errorf("got %v, want unauthorized, to come back at once", e)
	}
	if err := ask(t, a); err != nil || p.tokensAsked() != 2 {
		t.Errorf("got %v with %d tokens, want success with the second", err, p.tokensAsked())
	}
}

func TestALateSuccessSaysNothingAboutTheNewToken(t *testing.T) {
	t.Parallel()
	sent, answered := make(chan struct{}), make(chan struct{})
	p := start(t, func(operation string, _ int) cannedAnswer {
		if operation == "deliveryOrders" {
			close(sent)
			<-answered
			return ok(noOrder)
		}
		return cannedAnswer{status: 401}
	})
	a := p.account()
	late := make(chan error)
	go func() { late <- ask(t, a) }()
	<-sent
	if e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1")); e.RetryAfter != 0 {
		t.Errorf("got %v, want to come back at once", e)
	}
	if _, e := a.state.tokens.bearerToken(t.Context()); e != nil {
		t.Fatal(e)
	}
	close(answered)
	if err := <-late; err != nil {
		t.Fatal(err)
	}
	if e := mustError(t, a.OpenDeliveryOrder(t.Context(), "do_1")); e.RetryAfter <= 0 {
		t.Errorf("got %v, want a rest: nothing was taken with the new token", e)
	}
}

func TestManyRefusedTogetherAreOneStrike(t *testing.T) {
	t.Parallel()
	const many = 8
	var all sync.WaitGroup
	all.Add(many)
	p := start(t, func(string, int) cannedAnswer {
		all.Done()
		all.Wait()
		return cannedAnswer{status: 401}
	})
	a := p.account().client.Account(Credentials{Organization: "org_1", IntegrationToken: "fixed"}, ClassUrgent)
	rests := make(chan time.Duration, many)
	for range many {
		go func() { rests <- mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1")).RetryAfter }()
	}
	for range many {
		if got := <-rests; got <= 0 || got > firstHold {
			t.Errorf("got a rest of %s, want %s at most", got, firstHold)
		}
	}
}

func TestAValidTokenIsNotHeldUpByWhoFetchesOne(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	a := p.account()
	if err := ask(t, a); err != nil {
		t.Fatal(err)
	}
	<-a.state.tokens.fetching // somebody fetches
	if err := ask(t, a); err != nil {
		t.Error(err)
	}
}

func TestTokenExpiresByOurClock(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, always(ok(noOrder)))
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })
	for _, want := range []int{1, 1, 2} {
		if err := ask(t, a); err != nil || p.tokensAsked() != want {
			t.Errorf("got %v with %d tokens, want %d", err, p.tokensAsked(), want)
		}
		now = now.Add(time.Hour/2 - tokenEarly/2)
	}
}

func TestMutationThatMayHaveRunIsNotRepeated(t *testing.T) {
	t.Parallel()
	const both = `{"deliveryOrderOpen":{"state":"success"},"deliveryOrderRequestFulfillment":null}`
	p := start(t, always(errored(both, "UNAUTHORIZED", `["deliveryOrderRequestFulfillment"]`)))
	e := mustError(t, p.account().OpenAndRequest(t.Context(), "do_1"))
	if e.Kind != KindUnauthorized || e.Done != 1 || e.IsNotExecuted() {
		t.Errorf("got %v, done %d, NotExecuted %v; want unauthorized, 1, false", e, e.Done, e.IsNotExecuted())
	}
	if got := p.operations(); len(got) != 1 {
		t.Errorf("got %v, want one request", got)
	}
}

// What is said while credentials rest is about the token, whatever was asked when they were refused, and counts down.
func TestWhatIsSaidWhileCredentialsRest(t *testing.T) {
	t.Parallel()
	now := noon
	p := start(t, always(errored(`null`, "UNAUTHORIZED", `[]`)))
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })
	for range 2 {
		if e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1")); e.IsNotExecuted() {
			t.Errorf("got %v, want it of unknown outcome: HTTP 200 may say so of what was done", e)
		}
	}
	var rest time.Duration
	for _, past := range []time.Duration{0, 10 * time.Second} {
		now = now.Add(past)
		e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1"))
		if e.Kind != KindUnauthorized || e.Operation != tokenOperation || !e.IsNotExecuted() || len(p.operations()) != 2 {
			t.Errorf("got %v by %s after %v, want the token's refusal without a request", e, e.Operation, p.operations())
		}
		if past > 0 && e.RetryAfter != rest-past {
			t.Errorf("got a rest of %s after %s of %s", e.RetryAfter, past, rest)
		}
		rest = e.RetryAfter
	}
}

// askTogether has n callers ask at once, all of whom wait before the token endpoint answers the first of them, after those
// who asked before one by one.
func (p *platform) askTogether(t *testing.T, before, n int, token func(before int) cannedAnswer) []error {
	t.Helper()
	answer := make(chan struct{})
	var looks atomic.Int32 // at the clock: two before a caller waits
	a := p.account(func(o *Options) {
		o.Now = func() time.Time {
			looks.Add(1)
			return noon
		}
	})
	p.token = token
	for range before {
		_ = ask(t, a)
	}
	p.token = func(before int) cannedAnswer {
		<-answer
		return token(before)
	}
	asked := p.tokensAsked()
	looks.Store(0)
	errs := make(chan error, n)
	for range n {
		go func() {
			_, err := a.DeliveryOrders(t.Context(), "o_1")
			errs <- err
		}()
	}
	for p.tokensAsked() == asked || looks.Load() < int32(2*n) {
		time.Sleep(time.Millisecond)
	}
	close(answer)
	var all []error
	for range n {
		all = append(all, <-errs)
	}
	return all
}

// A token that is as good as expired serves whoever fetched it; each of those who waited needs one of its own.
func TestATokenThatIsNotGoodForAWhileIsNotShared(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	for _, err := range p.askTogether(t, 0, 3, sayToken(cannedAnswer{body: `{"access_token":"t","token_type":"bearer","expires_in":30}`})) {
		if err != nil {
			t.Errorf("got %v, want success", err)
		}
	}
	if got := p.tokensAsked(); got != 3 {
		t.Errorf("got %d token requests, want 3", got)
	}
}

// The endpoint fails when it has to renew a token that it gave before.
func TestAllWhoWaitForARenewedTokenShareItsFailure(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(noOrder)))
	for _, err := range p.askTogether(t, 1, 4, func(before int) cannedAnswer {
		if before == 0 {
			return cannedAnswer{body: `{"access_token":"t","token_type":"bearer","expires_in":30}`}
		}
		return cannedAnswer{status: 503}
	}) {
		if e := mustError(t, err); e.Kind != KindServer {
			t.Errorf("got %v, want the endpoint's trouble", e)
		}
	}
	if got := p.tokensAsked(); got != 2 {
		t.Errorf("got %d token requests, want the first and one for all who waited", got)
	}
}
