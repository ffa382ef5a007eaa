package happycolis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestReservedGrantServesOneRequest(t *testing.T) {
	t.Parallel()
	taken := 0
	p := start(t, always(ok(noOrder)))
	a := p.account(func(o *Options) {
		o.Limiter = limiterFunc(func(context.Context, string, Class) (time.Duration, error) {
			if taken++; taken == 1 {
				return 0, nil
			}
			return 40 * time.Millisecond, nil
		})
	})
	reserved, err := a.ReserveMutation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(p.operations()); got != 0 {
		t.Errorf("got %d requests from reserving, want none", got)
	}
	if err := ask(t, reserved); err != nil || taken != 1 {
		t.Errorf("got %v after %d grants, want success with the reserved one", err, taken)
	}
	if e := mustError(t, ask(t, reserved)); e.Kind != KindWaiting {
		t.Errorf("a second request: got %v, want the limiter asked again", e)
	}
	_, err = a.ReserveMutation(t.Context())
	if e := mustError(t, err); e.Kind != KindWaiting || e.RetryAfter != 40*time.Millisecond || !e.IsNotExecuted() {
		t.Errorf("reserving when denied: got %v, want waiting for 40ms", e)
	}
}

func TestReservedTokenIsNotFetchedAgain(t *testing.T) {
	t.Parallel()
	p := start(t, always(cannedAnswer{body: cancelled}))
	now := noon
	a := p.account(func(o *Options) { o.Now = func() time.Time { return now } })
	reserved, err := a.ReserveMutation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.state.tokens.token = bearerToken{} // whatever happened to it meanwhile
	if err := reserved.CancelDeliveryOrder(t.Context(), "do_1"); err != nil || p.tokensAsked() != 1 {
		t.Errorf("got %v after %d token requests, want nothing between the reservation and the mutation", err, p.tokensAsked())
	}
}

// free is how many slots of a client are free.
func free(a *Account) int { return mutationSlots - len(a.client.slots) }

func TestSlotsAreGivenBack(t *testing.T) {
	t.Parallel()
	denying := errors.New("denied")
	reserve := func(t *testing.T, a *Account) *Account {
		t.Helper()
		reserved, err := a.ReserveMutation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return reserved
	}
	for name, use := range map[string]func(t *testing.T, a *Account){
		"after the mutation":                    func(t *testing.T, a *Account) { _ = reserve(t, a).CancelDeliveryOrder(t.Context(), "do_1") },
		"after a query":                         func(t *testing.T, a *Account) { _ = ask(t, reserve(t, a)) },
		"after a mutation that nobody reserved": func(t *testing.T, a *Account) { _ = a.CancelDeliveryOrder(t.Context(), "do_1") },
		"by who does not send":                  func(t *testing.T, a *Account) { reserve(t, a).ReleaseReservation() },
		"by who withholds": func(t *testing.T, a *Account) {
			_ = reserve(t, a).WithLastCheck(func() error { return errStale }).CancelDeliveryOrder(t.Context(), "do_1")
		},
		"once, however often it is said": func(t *testing.T, a *Account) {
			other := reserve(t, a)
			defer other.ReleaseReservation()
			reserved := reserve(t, a)
			_ = reserved.CancelDeliveryOrder(t.Context(), "do_1")
			reserved.ReleaseReservation()
			reserved.WithLastCheck(nil).ReleaseReservation()
			if got := free(a); got != mutationSlots-1 {
				t.Errorf("got %d free slots, want the other's to be taken still", got)
			}
		},
		"by who was denied": func(t *testing.T, a *Account) {
			a.client.options.Limiter = limiterFunc(func(context.Context, string, Class) (time.Duration, error) { return 0, denying })
			if _, err := a.ReserveMutation(t.Context()); !errors.Is(err, denying) {
				t.Errorf("got %v, want the limiter's error", err)
			}
		},
		"by who reads": func(t *testing.T, a *Account) {
			if _, err := a.ReserveRead(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"where nothing is reserved": func(_ *testing.T, a *Account) { a.ReleaseReservation() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, always(cannedAnswer{body: cancelled})).account()
			use(t, a)
			if got := free(a); got != mutationSlots {
				t.Errorf("got %d free slots, want all %d", got, mutationSlots)
			}
		})
	}
	t.Run("where the transport panics", func(t *testing.T) {
		t.Parallel()
		a := over(tripper(func(*http.Request) (*http.Response, error) { panic("killed") }), "http://p.test/graphql")
		func() {
			defer func() { _ = recover() }()
			_ = reserve(t, a).CancelDeliveryOrder(t.Context(), "do_1")
		}()
		if got := free(a); got != mutationSlots {
			t.Errorf("got %d free slots, want all %d", got, mutationSlots)
		}
	})
	t.Run("of who forgot", func(t *testing.T) {
		t.Parallel()
		a := start(t, always(cannedAnswer{body: cancelled})).account()
		_ = reserve(t, a)
		for range 100 {
			if runtime.GC(); free(a) == mutationSlots {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Error("a forgotten slot is never free again")
	})
}

func TestWhoFindsNoSlotIsToldToWait(t *testing.T) {
	t.Parallel()
	p := start(t, always(cannedAnswer{body: cancelled}))
	a := p.account()
	var held []*Account
	for range mutationSlots {
		reserved, err := a.ReserveMutation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, reserved)
	}
	_, err := a.ReserveMutation(t.Context())
	for what, err := range map[string]error{"reserving": err, "a mutation that nobody reserved": a.CancelDeliveryOrder(t.Context(), "do_1")} {
		if e := mustError(t, err); e.Kind != KindWaiting || e.RetryAfter != slotWait || !e.IsNotExecuted() {
			t.Errorf("%s: got %v, want waiting for %s", what, e, slotWait)
		}
	}
	if len(p.operations()) != 0 {
		t.Errorf("got %v, want nothing sent", p.operations())
	}
	held[0].ReleaseReservation()
	if err := a.CancelDeliveryOrder(t.Context(), "do_1"); err != nil {
		t.Errorf("got %v, want success with the slot that was given back", err)
	}
	for _, reserved := range held[1:] {
		reserved.ReleaseReservation()
	}
}

// All connections for queries are taken, and more queries wait for one; all slots are taken, too. No mutation waits.
func TestMutationsDoNotWaitBehindQueries(t *testing.T) {
	t.Parallel()
	if mutationSlots >= mutationConns {
		t.Errorf("got %d slots for %d connections, want fewer", mutationSlots, mutationConns)
	}
	enough := make(chan struct{})
	arrived := make(chan struct{}, 2*queryConns)
	var sent sync.WaitGroup
	sent.Add(mutationSlots)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "deliveryOrderCancel") {
			sent.Done()
			sent.Wait() // until all of them are here at once
			_, _ = io.WriteString(w, cancelled)
			return
		}
		arrived <- struct{}{}
		<-enough
		_, _ = io.WriteString(w, `{"data":`+noOrder+`}`)
	}))
	t.Cleanup(server.Close)
	a := over(nil, server.URL)
	soon, stop := context.WithTimeout(t.Context(), DefaultTimeout/2) // before a query gives up
	defer stop()
	var queries, mutations sync.WaitGroup
	for range queryConns + 10 {
		queries.Go(func() { _ = ask(t, a) })
	}
	for range queryConns {
		<-arrived
	}
	for range mutationSlots {
		reserved, err := a.ReserveMutation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mutations.Go(func() {
			if err := reserved.CancelDeliveryOrder(soon, "do_1"); err != nil {
				t.Error(err)
			}
		})
	}
	mutations.Wait()
	close(enough)
	queries.Wait()
}
