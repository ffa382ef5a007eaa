package happycolis

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync"
	"testing"
)

// cannedAnswer is one HTTP answer of the little platform below.
type cannedAnswer struct {
	status int // 0: 200
	header map[string]string
	body   string
}

func ok(data string) cannedAnswer { return cannedAnswer{body: `{"data":` + data + `}`} }

func errored(data, code, path string) cannedAnswer {
	return cannedAnswer{body: fmt.Sprintf(`{"data":%s,"errors":[{"message":%q,"path":%s,"extensions":{"code":%q}}]}`, data, canary, path, code)}
}

// canary stands in whatever the platform may say and must not come out of errors.
const canary = "CANARY-free-text-of-the-vendor"

type recordedRequest struct {
	Operation string
	Variables map[string]any
	Bearer    string
}

// platform answers by operation and by how often that operation was asked before.
type platform struct {
	answer func(operation string, before int) cannedAnswer
	token  func(before int) cannedAnswer

	mu    sync.Mutex
	log   []recordedRequest
	forms []url.Values
	url   string
}

func start(t *testing.T, answer func(operation string, before int) cannedAnswer) *platform {
	t.Helper()
	p := &platform{answer: answer, token: func(before int) cannedAnswer {
		return cannedAnswer{body: fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, before+1)}
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", p.graphql)
	mux.HandleFunc("POST /token", p.tokens)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// always answers everything with s.
func always(s cannedAnswer) func(string, int) cannedAnswer {
	return func(string, int) cannedAnswer { return s }
}

var operationName = regexp.MustCompile(`(?:query|mutation) (\w+)`)

func (p *platform) graphql(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &in) != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	operation := operationName.FindStringSubmatch(in.Query)[1]
	p.mu.Lock()
	before := 0
	for _, a := range p.log {
		if a.Operation == operation {
			before++
		}
	}
	p.log = append(p.log, recordedRequest{operation, in.Variables, r.Header.Get("Authorization")})
	p.mu.Unlock()
	p.answer(operation, before).write(w)
}

func (p *platform) tokens(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	before := len(p.forms)
	p.forms = append(p.forms, r.PostForm)
	p.mu.Unlock()
	p.token(before).write(w)
}

func (s cannedAnswer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	for k, v := range s.header {
		w.Header().Set(k, v)
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	_, _ = io.WriteString(w, s.body)
}

// operations lists what was asked, in order.
func (p *platform) operations() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, a := range p.log {
		names = append(names, a.Operation)
	}
	return names
}

func (p *platform) tokensAsked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.forms)
}

const testSecret = "CANARY-client-secret"

func testCredentials() Credentials {
	return Credentials{Organization: "org_1", ClientID: "client_1", ClientSecret: testSecret}
}

// account returns an account at p, with options changed by with.
func (p *platform) account(with ...func(*Options)) *Account {
	o := Options{GraphQLURL: p.url + "/graphql?key=" + testSecret, TokenURL: p.url + "/token"}
	for _, f := range with {
		f(&o)
	}
	return New(o).Account(testCredentials(), ClassUrgent)
}

// mustError returns err as an *Error.
func mustError(t *testing.T, err error) *Error {
	t.Helper()
	e, isOurs := asError(err)
	if !isOurs {
		t.Fatalf("got error %v (%T), want an *Error", err, err)
	}
	return e
}
