// Package apptest is what tests of the whole worker have in common: a configuration on free ports, a log that is read
// while it is written, and ways to ask and to wait.
package apptest

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
)

// Quiet drops what is logged.
var Quiet = slog.New(slog.DiscardHandler)

// Buffer is a log that is read while it is written.
type Buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String is what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Policy leaves every delivery order where it is.
const Policy = "version: 1\nrules: []\ndefault: leave\n"

// Config is a configuration on free ports of one organization, org_1, whose platform is not there.
func Config(redis string) *config.Config {
	return &config.Config{
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Redis: happycolis.Secret(redis),
		Platform: config.Platform{GraphQLURL: "http://127.0.0.1:1/graphql", TokenURL: "http://127.0.0.1:1/token", Timeout: time.Second},
		Organizations: []config.Organization{{
			Credentials: happycolis.Credentials{Organization: "org_1", ClientID: "app", ClientSecret: "s"},
			Signing:     "s", Rate: happycolis.Rate{PerMinute: 1000, PerSecond: 100}, Policy: "policy.yaml",
		}},
		Incident:   config.Incident{Mode: "approve", Settle: time.Second, Sweep: time.Second},
		Handover:   config.Handover{Statuses: []string{"DRAFT", "PENDING"}, Poll: time.Second, MaxHops: 3},
		OpenPolicy: func(string) (*policy.Policy, error) { return policy.Parse([]byte(Policy)) },
	}
}

// Fetch returns the status and the body of a GET.
func Fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Timeout: EventuallyMost}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}

// EventuallyMost is long enough for a busy machine.
const EventuallyMost = 30 * time.Second

// Eventually waits for something that others bring about.
func Eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(EventuallyMost); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
	}
}
