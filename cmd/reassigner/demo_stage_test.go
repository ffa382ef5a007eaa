package main

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/receiver"
)

func smallStage(t *testing.T) *stage {
	t.Helper()
	s, err := openStage(demoFlags{orders: 12, seed: 3, json: true, cancel: "sync", fallback: "accepts"}, apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	addSandboxOrganization(s.platform, demoOrganization)
	return s
}

func (s *stage) seed(to string) {
	s.platform.SubscribeURL(demoOrganization, to+receiver.Path)
	s.merchant = sandbox.Seed(s.platform, sandbox.SeedOptions{Organization: demoOrganization, Orders: s.d.orders, Seed: s.d.seed})
}

func TestTheDemoEndsThoughNothingMoves(t *testing.T) {
	t.Parallel()
	s := smallStage(t)
	s.seed("http://" + s.app.PublicAddress().String())
	if err := s.heard(t.Context()); err != nil {
		t.Fatal(err)
	}
	var paused map[string]any
	if err := s.api.post(t.Context(), "/api/pause", map[string]string{"reason": "nothing may move"}, &paused); err != nil {
		t.Fatal(err)
	}
	s.stalled = 2 * time.Second
	s.platform.Break(sandbox.Paris)
	show := &demoScreen{d: s.d, stage: s}
	show.opening()
	rested, err := s.watch(t.Context(), show)
	if rested || err != nil {
		t.Errorf("got %t, %v, want that it did not come to rest", rested, err)
	}
}

func TestTheDemoGoesOnAfterARefusedWebhook(t *testing.T) {
	t.Parallel()
	s := smallStage(t)
	s.seed(nowhere)
	apptest.Eventually(t, "the queue is blocked", func() bool { blocked, _ := s.platform.Blocked(demoOrganization); return blocked })
	s.platform.SubscribeURL(demoOrganization, "http://"+s.app.PublicAddress().String()+receiver.Path)
	if err := s.heard(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheDemoSaysWhyNoWebhookIsTaken(t *testing.T) {
	t.Parallel()
	s := smallStage(t)
	s.seed(nowhere)
	s.stalled = time.Second
	if err := s.heard(t.Context()); err == nil || !strings.Contains(err.Error(), "the platform's webhooks are not taken: ") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}
