package happycolis

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

var errStale = errors.New("the read is too old")

// tripper is a transport made of a function.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

const cancelled = `{"data":{"deliveryOrderCancel":{"state":"success"}}}`

// over returns an account with a fixed token over a transport.
func over(transport http.RoundTripper, url string) *Account {
	return New(Options{GraphQLURL: url, Transport: transport}).Account(Credentials{Organization: "org_1", IntegrationToken: "t"}, ClassUrgent)
}

func wantWithheld(t *testing.T, err error) {
	t.Helper()
	if e := mustError(t, err); e.Kind != KindWithheld || !e.IsNotExecuted() || !errors.Is(err, errStale) {
		t.Errorf("got %v, NotExecuted %v; want withheld, true, with our own cause", e, e.IsNotExecuted())
	}
}

func TestALastCheckIsAskedWhenTheBodyIsRead(t *testing.T) {
	t.Parallel()
	var order []string
	a := over(tripper(func(r *http.Request) (*http.Response, error) {
		order = append(order, "transport")
		body, err := io.ReadAll(r.Body)
		if err != nil || int64(len(body)) != r.ContentLength {
			t.Errorf("got %d bytes, %v; want %d", len(body), err, r.ContentLength)
		}
		return answering(cancelled), nil
	}), "http://p.test/graphql")
	if err := a.WithLastCheck(func() error { order = append(order, "asked"); return nil }).CancelDeliveryOrder(t.Context(), "do_1"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "transport asked" {
		t.Errorf("got %q, want the check asked once, by whoever reads the body", got)
	}
	if err := a.CancelDeliveryOrder(t.Context(), "do_1"); err != nil || len(order) != 3 {
		t.Errorf("got %v after %v, want the account itself to ask nothing", err, order)
	}
}

func TestARefusingLastCheckLetsNothingLeave(t *testing.T) {
	t.Parallel()
	refuse := func() error { return errStale }
	t.Run("over a connection", func(t *testing.T) {
		t.Parallel()
		var whole atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(r.Body); err == nil {
				whole.Add(1)
			}
		}))
		a := over(nil, server.URL)
		for range 3 {
			wantWithheld(t, a.WithLastCheck(refuse).CancelDeliveryOrder(t.Context(), "do_1"))
		}
		server.Close() // waits for what is under way
		if got := whole.Load(); got != 0 {
			t.Errorf("got %d whole requests, want none", got)
		}
	})
	for name, transport := range map[string]tripper{
		"and the transport answers all the same": func(r *http.Request) (*http.Response, error) {
			if _, err := io.ReadAll(r.Body); err == nil {
				t.Error("the body was read")
			}
			return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: http.NoBody}, nil
		},
		"and the transport fails in its own words": func(r *http.Request) (*http.Response, error) {
			_, _ = io.ReadAll(r.Body)
			return nil, errors.New("transport broken")
		},
		"and was looked at before": func(r *http.Request) (*http.Response, error) {
			if body, err := r.GetBody(); err != nil {
				t.Error(err)
			} else if _, err = io.ReadAll(body); !errors.Is(err, errStale) {
				t.Errorf("got %v, want each body to ask", err)
			}
			_, err := io.ReadAll(r.Body)
			return nil, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantWithheld(t, over(transport, "http://p.test/graphql").WithLastCheck(refuse).CancelDeliveryOrder(t.Context(), "do_1"))
		})
	}
}

// once is a check that passes the given number of times and then refuses.
func passes(times int) func() error {
	return func() error {
		if times--; times < 0 {
			return errStale
		}
		return nil
	}
}

func TestABodyThatIsMadeAnewAsksAgain(t *testing.T) {
	t.Parallel()
	// As net/http does where the server surely did not take what it was sent.
	rewinds := tripper(func(r *http.Request) (*http.Response, error) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if _, err := io.ReadAll(body); err != nil {
			return nil, err
		}
		return answering(cancelled), nil
	})
	wantWithheld(t, over(rewinds, "http://p.test/graphql").WithLastCheck(passes(1)).CancelDeliveryOrder(t.Context(), "do_1"))
	if err := over(rewinds, "http://p.test/graphql").WithLastCheck(passes(2)).CancelDeliveryOrder(t.Context(), "do_1"); err != nil {
		t.Errorf("got %v, want success where it passes twice", err)
	}
}

func TestALookAtTheBodyAfterwardsChangesNothing(t *testing.T) {
	t.Parallel()
	looks := tripper(func(r *http.Request) (*http.Response, error) {
		_, _ = io.ReadAll(r.Body)
		body, err := r.GetBody()
		if err == nil {
			_, _ = io.ReadAll(body)
		}
		return answering(cancelled), nil
	})
	if err := over(looks, "http://p.test/graphql").WithLastCheck(passes(1)).CancelDeliveryOrder(t.Context(), "do_1"); err != nil {
		t.Errorf("got %v, want success: it was sent and answered", err)
	}
}
