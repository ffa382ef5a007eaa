package demo

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
)

func openSmallStage(t *testing.T) *Stage {
	t.Helper()
	s, err := Open(Options{Orders: 12, Seed: 3, JSON: true, Cancel: "sync", Fallback: "accepts"}, apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	AddOrganization(s.Platform, Organization)
	return s
}

func (s *Stage) seed(to string) {
	s.Platform.SubscribeURL(Organization, to+intake.Path)
	s.Merchant = sandbox.Seed(s.Platform, sandbox.SeedOptions{Organization: Organization, Orders: s.options.Orders, Seed: s.options.Seed})
}

func TestTheDemoEndsThoughNothingMoves(t *testing.T) {
	t.Parallel()
	s := openSmallStage(t)
	s.seed("http://" + s.App.PublicAddress().String())
	if err := s.AwaitWebhooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.App.AdminAddress().String()+"/api/pause", strings.NewReader(`{"reason": "nothing may move"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(api.CSRFHeader, "1")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("pausing: got %d", response.StatusCode)
	}
	s.stalled = 2 * time.Second
	s.Platform.Break(sandbox.Paris)
	show := NewScreen(s, nil, nil)
	show.printOpening()
	rested, err := s.awaitRest(t.Context(), show)
	if rested || err != nil {
		t.Errorf("got %t, %v, want that it did not come to rest", rested, err)
	}
}

func TestTheDemoGoesOnAfterARefusedWebhook(t *testing.T) {
	t.Parallel()
	s := openSmallStage(t)
	s.seed("http://127.0.0.1:1")
	apptest.Eventually(t, "the queue is blocked", func() bool { blocked, _ := s.Platform.Blocked(Organization); return blocked })
	s.Platform.SubscribeURL(Organization, "http://"+s.App.PublicAddress().String()+intake.Path)
	if err := s.AwaitWebhooks(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheDemoSaysWhyNoWebhookIsTaken(t *testing.T) {
	t.Parallel()
	s := openSmallStage(t)
	s.seed("http://127.0.0.1:1")
	s.stalled = time.Second
	if err := s.AwaitWebhooks(t.Context()); err == nil || !strings.Contains(err.Error(), "the platform's webhooks are not taken: ") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}

func TestTheDemoPlaysTheExamplePolicy(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../../policy.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(example), string(Policy)); diff != "" {
		t.Errorf("copy policy.example.yaml to policy.yaml again (-example +demo):\n%s", diff)
	}
}
