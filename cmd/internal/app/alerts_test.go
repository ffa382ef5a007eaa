package app

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/logtest"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/redistest"
)

// TestPeopleAreTold is the whole application: what somebody has to know reaches a webhook, and a target that
// fails is shown, without its URL.
func TestPeopleAreTold(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/s3cret" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		body, _ := io.ReadAll(r.Body)
		arrived <- string(body)
	}))
	t.Cleanup(hook.Close)
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Alerts = config.Alerts{Remind: time.Hour, Silence: time.Hour}
	for i, path := range []string{"/s3cret", "/hook"} {
		target, err := notify.NewTarget([]string{"alerts.targets[0]", "alerts.targets[1]"}[i], happycolis.Secret("generic+"+hook.URL+path+"?template=json"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Alerts.Targets = append(cfg.Alerts.Targets, target)
	}
	broken := false
	cfg.OpenPolicy = func(string) (*policy.Policy, error) {
		if broken {
			return nil, errors.New("busted")
		}
		return policy.Parse([]byte(apptest.Policy))
	}
	var out logtest.Buffer
	a := startApp(t, cfg, AllRoles(), NewLog(&out, config.Log{JSON: true}))
	broken = true
	a.ReloadPolicies(t.Context())
	var told struct{ Title, Message string }
	select {
	case body := <-arrived:
		if err := json.Unmarshal([]byte(body), &told); err != nil {
			t.Fatal(err)
		}
	case <-time.After(apptest.EventuallyMost):
		t.Fatalf("nothing arrived: %s", out.String())
	}
	if !strings.Contains(told.Title, "policy was refused") || !strings.HasPrefix(told.Message, told.Title+"\n") {
		t.Errorf("got %+v", told)
	}
	var status struct{ Alerts []notify.TargetState }
	apptest.Eventually(t, "the state of both targets is shown", func() bool {
		code, body := apptest.Fetch(t, "http://"+a.AdminAddress().String()+"/api/status")
		if strings.Contains(body, "s3cret") {
			t.Fatalf("the status tells a URL: %s", body)
		}
		status.Alerts = nil
		return code == http.StatusOK && json.Unmarshal([]byte(body), &status) == nil && len(status.Alerts) == 2 &&
			status.Alerts[0].FailingSince != nil && status.Alerts[1].SentAt != nil
	})
	if got, want := status.Alerts[0].Error, "the credentials are refused"; got != want {
		t.Errorf("the first target's error is %q, want %q", got, want)
	}
	if text := out.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, `"target":"alerts.targets[0]"`) {
		t.Errorf("the log: %s", text)
	}
	broken = false
	a.ReloadPolicies(t.Context())
	select {
	case body := <-arrived:
		if !strings.Contains(body, "The policy was reloaded") {
			t.Errorf("got %s", body)
		}
	case <-time.After(apptest.EventuallyMost):
		t.Error("nobody heard that it is well again")
	}
}

func TestWithoutATargetTheStartSaysThatNobodyIsTold(t *testing.T) {
	t.Parallel()
	var out logtest.Buffer
	startApp(t, apptest.Config(config.EmbeddedRedis), AllRoles(), NewLog(&out, config.Log{JSON: true}))
	if !strings.Contains(out.String(), "alerts.targets is empty") {
		t.Errorf("the log: %s", out.String())
	}
}

// TestARedisThatEvictsIsTold is the whole application over a Redis that makes room by itself.
func TestARedisThatEvictsIsTold(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived <- string(body)
	}))
	t.Cleanup(hook.Close)
	cfg := apptest.Config("redis://" + redistest.StartServerAddr(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru") + "/0")
	target, err := notify.NewTarget("alerts.targets[0]", happycolis.Secret("generic+"+hook.URL+"?template=json"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Alerts = config.Alerts{Targets: []notify.Target{target}, Remind: time.Hour, Silence: time.Hour}
	var out logtest.Buffer
	startApp(t, cfg, AllRoles(), NewLog(&out, config.Log{JSON: true}))
	if !strings.Contains(out.String(), `"maxmemory_policy":"allkeys-lru"`) {
		t.Errorf("the log: %s", out.String())
	}
	select {
	case body := <-arrived:
		if !strings.Contains(body, "its maxmemory-policy is allkeys-lru") {
			t.Errorf("got %s", body)
		}
	case <-time.After(apptest.EventuallyMost):
		t.Errorf("nothing arrived: %s", out.String())
	}
}
