// Package apptest holds what tests of the whole worker share: a configuration on free ports, a log that can be read
// while it is written, and functions to request and to wait. Only tests import it.
package apptest

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
)

// Quiet is a log that drops everything.
var Quiet = slog.New(slog.DiscardHandler)

// Policy is a policy that leaves every delivery order where it is.
const Policy = "version: 1\nrules: []\ndefault: leave\n"

// Config returns a configuration on free ports, with one organization, org_1, whose platform does not answer.
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

// EventuallyMost is how long Eventually waits: long enough for a busy machine.
const EventuallyMost = 30 * time.Second

// Eventually waits until is returns true, and fails the test if that takes longer than EventuallyMost.
func Eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(EventuallyMost); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
	}
}

// Environment makes a getenv of pairs.
func Environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

// Golden compares a text with a file in testdata; with UPDATE_GOLDEN=1 it writes the file.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}
