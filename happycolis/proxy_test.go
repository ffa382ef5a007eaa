package happycolis

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// forwardProxy starts a proxy that answers by handler, and returns what makes clients use it.
func forwardProxy(t *testing.T, handler http.HandlerFunc) func(*Options) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return useProxy(server.URL)
}

func useProxy(address string) func(*Options) {
	return func(o *Options) { o.Proxy = func(*url.URL) (*url.URL, error) { return url.Parse(address) } }
}

// says answers everything with a page of the proxy's own, which must not come out of errors.
func says(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html>"+canary+"</html>")
	}
}

// tunnel opens tunnels to one address, and closes them all at cut.
func tunnel(t *testing.T, to string, cut <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("the proxy was asked to %s, want CONNECT", r.Method)
			return
		}
		there, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
		go func() {
			select {
			case <-cut:
				_ = here.Close()
			case <-t.Context().Done():
			}
		}()
	}
}

func TestWhatIsSureAboutAMutationBehindAProxy(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and answers nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	hurry := func(use func(*Options)) func(*Options) {
		return func(o *Options) { use(o); o.Timeout = 50 * time.Millisecond }
	}
	for name, tt := range map[string]struct {
		platform string // scheme
		use      func(*Options)
		kind     Kind
		sure     bool
		says     string
	}{
		"no proxy there":                      {"https", useProxy(gone.URL), KindTransport, true, "cannot connect to the proxy"},
		"no proxy there, for http":            {"http", useProxy(gone.URL), KindTransport, true, "cannot connect to the proxy"},
		"the proxy says nothing":              {"https", hurry(useProxy("http://" + silent.Addr().String())), KindTransport, true, "timeout"},
		"a tunnel refused":                    {"https", forwardProxy(t, says(403)), KindTransport, true, "HTTP 403"},
		"a tunnel to nobody":                  {"https", forwardProxy(t, says(502)), KindTransport, true, "HTTP 502"},
		"a tunnel that wants a password":      {"https", forwardProxy(t, says(407)), KindTransport, true, "user and password"},
		"a tunnel that is answered 204":       {"https", forwardProxy(t, says(204)), KindTransport, true, "HTTP 204"},
		"a page instead of the platform, 407": {"http", forwardProxy(t, says(407)), KindServer, true, "user and password"},
		"a page instead of the platform, 502": {"http", forwardProxy(t, says(502)), KindServer, false, "HTTP 502"},
		"a page instead of the platform, 504": {"http", forwardProxy(t, says(504)), KindServer, false, "HTTP 504"},
		"a page instead of the platform, 200": {"http", forwardProxy(t, says(200)), KindResponse, false, notGraphQL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{GraphQLURL: tt.platform + "://platform.invalid/graphql"}
			tt.use(&o)
			a := New(o).Account(Credentials{Organization: "org_1", IntegrationToken: testSecret}, ClassUrgent)
			e := mustError(t, a.CancelDeliveryOrder(t.Context(), "do_1"))
			if e.Kind != tt.kind || e.IsNotExecuted() != tt.sure || !e.IsTransient() || e.IsRefused() {
				t.Errorf("got %v, NotExecuted %v, Transient %v, Refused %v; want %s, %v, true, false", e, e.IsNotExecuted(), e.IsTransient(), e.IsRefused(), tt.kind, tt.sure)
			}
			if !strings.Contains(e.Error(), tt.says) || strings.Contains(e.Error(), canary) {
				t.Errorf("got %q, want it to say %q and nothing of the proxy's page", e, tt.says)
			}
		})
	}
}

// A tunnel carries what would go directly, HTTP/2 too. Once it is open, whatever ends it leaves the outcome open.
func TestAMutationThroughATunnel(t *testing.T) {
	t.Parallel()
	cut := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/cut" {
			close(cut)
			<-r.Context().Done()
			return
		}
		ok(`{"deliveryOrderCancel":{"state":"success"}}`).write(w)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	cancel := func(path string) error {
		o := Options{GraphQLURL: "https://example.com/" + path}
		forwardProxy(t, tunnel(t, server.Listener.Addr().String(), cut))(&o)
		client := New(o)
		trust := &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
		client.mutations.GetClient().Transport.(checkingTransport).next.(*http.Transport).TLSClientConfig = trust
		return client.Account(Credentials{Organization: "org_1", IntegrationToken: testSecret}, ClassUrgent).CancelDeliveryOrder(t.Context(), "do_1")
	}
	if err := cancel("graphql"); err != nil {
		t.Errorf("got %v, want it cancelled through the tunnel", err)
	}
	if e := mustError(t, cancel("cut")); e.Kind != KindTransport || e.IsNotExecuted() {
		t.Errorf("cut in the middle: got %v, NotExecuted %v, want transport, false", e, e.IsNotExecuted())
	}
}

func TestATokenIsFetchedThroughTheProxyAndItsRefusalIsNotOneOfTheCredentials(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	use := forwardProxy(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String()
		says(407)(w, r)
	})
	o := Options{GraphQLURL: "http://platform.invalid/graphql", TokenURL: "http://platform.invalid/token"}
	use(&o)
	e := mustError(t, New(o).Account(testCredentials(), ClassUrgent).CancelDeliveryOrder(t.Context(), "do_1"))
	if e.Kind != KindServer || e.Operation != tokenOperation || !e.IsNotExecuted() || !e.IsTransient() {
		t.Errorf("got %v, want the token endpoint's trouble to pass", e)
	}
	if got, want := <-asked, "http://platform.invalid/token"; got != want {
		t.Errorf("the proxy was asked for %s, want %s", got, want)
	}
}
