package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/notify"
)

// inbox is a target of alerts that remembers them.
type inbox struct {
	mu       sync.Mutex
	messages []notify.Message
}

func (i *inbox) Send(_ context.Context, m notify.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.messages = append(i.messages, m)
	return nil
}

func (i *inbox) titles() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var titles []string
	for _, m := range i.messages {
		titles = append(titles, m.Title)
	}
	return titles
}

// postTo sends a signed webhook and returns the answer.
func postTo(t *testing.T, a *App, message string) (int, string) {
	t.Helper()
	body := []byte(`{"header":{"organizationId":"org_1","messageId":"` + message + `","type":"delivery_order/updated"},"body":{"id":"do_1","status":"PENDING"}}`)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.PublicAddress().String()+intake.Path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, "s"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(text))
}

// awaySpooling is an app with every role whose Redis was never seen.
func awaySpooling(t *testing.T, dir string, to notify.Sender) (a *App, redisAddress string) {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	redisAddress = server.Addr()
	server.Close()
	cfg := apptest.Config("redis://" + redisAddress)
	cfg.Spool = config.Spool{Dir: dir, MaxBytes: 1 << 20}
	cfg.Alerts.Targets = []notify.Target{{Name: "1", Service: "test", Sender: to}}
	return startApp(t, cfg, AllRoles(), apptest.Quiet), redisAddress
}

func TestAReceiverWithASpoolIsReadyWithoutRedisAndAppliesItLater(t *testing.T) {
	t.Parallel()
	mail := &inbox{}
	a, address := awaySpooling(t, filepath.Join(t.TempDir(), "spool"), mail)
	ready := "http://" + a.PublicAddress().String() + "/readyz"
	if status, got := apptest.Fetch(t, ready); status != http.StatusOK || got != `{"ready":true,"reason":"redis: away, spooling"}` {
		t.Errorf("without Redis: got %d %s", status, got)
	}
	for range 3 {
		if status, got := postTo(t, a, "m_1"); status != http.StatusOK || got != `{"result":"spooled"}` {
			t.Errorf("a webhook is answered %d %s", status, got)
		}
	}
	if _, got := apptest.Fetch(t, "http://"+a.AdminAddress().String()+"/metrics"); !strings.Contains(got, `reassigner_spool_events{state="waiting"} 3`) {
		t.Errorf("the metrics do not tell of three events:\n%s", got)
	}
	back := miniredis.NewMiniRedis()
	if err := back.StartAddr(address); err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	apptest.Eventually(t, "everything is applied", func() bool {
		_, got := apptest.Fetch(t, ready)
		return got == `{"ready":true}` && !a.taker.IsSpooling()
	})
	if seen, err := a.worker.Index.IsSeen(t.Context(), "org_1", "m_1"); err != nil || !seen {
		t.Errorf("the event is applied: %t, %v", seen, err)
	}
	back.SetError("READONLY You can't write against a read only replica.")
	if _, got := postTo(t, a, "m_2"); got != `{"result":"spooled"}` {
		t.Errorf("by a replica: %s", got)
	}
	back.SetError("")
	if len(mail.titles()) > 0 {
		t.Errorf("alerts were sent: %v", mail.titles())
	}
}

func TestASpoolThatCannotKeepIsAnAlertAndNotReady(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mail := &inbox{}
	a, _ := awaySpooling(t, filepath.Join(file, "spool"), mail)
	if status, got := apptest.Fetch(t, "http://"+a.PublicAddress().String()+"/readyz"); status != http.StatusServiceUnavailable ||
		got != `{"ready":false,"reason":"Redis does not answer, and the spool cannot be written to"}` {
		t.Errorf("got %d %s", status, got)
	}
	if status, got := postTo(t, a, "m_1"); status != http.StatusServiceUnavailable {
		t.Errorf("a webhook is answered %d %s", status, got)
	}
	if _, got := apptest.Fetch(t, "http://"+a.AdminAddress().String()+"/metrics"); !strings.Contains(got, "reassigner_spool_can_keep 0") {
		t.Errorf("the metrics do not tell:\n%s", got)
	}
	apptest.Eventually(t, "an alert without Redis", func() bool { return len(mail.titles()) == 1 })
	if got := mail.titles()[0]; got != "URGENT: 1 receiver can keep no event on disk" {
		t.Errorf("it says %q", got)
	}
}

func TestASpoolIsKeptForRedisOfThisPlatformAlone(t *testing.T) {
	t.Parallel()
	a, address := awaySpooling(t, filepath.Join(t.TempDir(), "spool"), &inbox{})
	if _, got := postTo(t, a, "m_1"); got != `{"result":"spooled"}` {
		t.Fatalf("got %s", got)
	}
	foreign := miniredis.NewMiniRedis()
	if err := foreign.Set(PlatformKey, "http://127.0.0.1:2/graphql"); err != nil {
		t.Fatal(err)
	}
	if err := foreign.StartAddr(address); err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	if err := <-a.Failed(); err == nil || !strings.Contains(err.Error(), "Redis belongs to another platform") {
		t.Errorf("it ends with %v", err)
	}
	apptest.Eventually(t, "it is said why", func() bool {
		f := a.taker.Failure()
		return f != nil && strings.Contains(f.Error(), "another platform")
	})
	if keys := foreign.Keys(); len(keys) != 1 {
		t.Errorf("it holds %v", keys)
	}
}
