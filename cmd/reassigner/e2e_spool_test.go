package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/redistest"
)

// spoolTrial is a process with a spool over a redis-server that a test kills, and senders as the platform has them: each
// sends its next webhook once the one before was answered.
type spoolTrial struct {
	*testing.T
	redis     *redistest.Server
	config    string // its file
	spool     string // its folder
	receiver  *process
	public    string
	refused   atomic.Int64
	sent      [spoolSenders]int
	sending   sync.WaitGroup
	endSender context.CancelFunc
}

const spoolSenders = 6

func newSpoolTrial(t *testing.T) *spoolTrial {
	t.Helper()
	dir := t.TempDir()
	w := &spoolTrial{T: t, redis: redistest.StartServer(t, "--appendonly", "yes", "--appendfsync", "always"),
		config: filepath.Join(dir, "reassigner.yaml"), spool: filepath.Join(dir, "spool")}
	text := fmt.Sprintf("redis: redis://%s/0\nhappycolis: {graphql_url: %q, token_url: %q}\norganizations: [{id: org_1, client_id: a, client_secret: \"${SECRET}\"}]\n"+
		"incident: {mode: approve}\nspool: {dir: spool}\n%s\n", w.redis.Addr, nowhere+"/graphql", nowhere+"/token", freePorts)
	for name, content := range map[string]string{w.config: text, filepath.Join(dir, "policy.yaml"): string(demo.Policy)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// start starts the receiver and waits until it listens, whatever Redis does.
func (w *spoolTrial) start() {
	w.Helper()
	w.receiver = running(w.T, w.config, "receiver", []string{"SECRET=s3cret"})
	apptest.Eventually(w.T, "it listens", func() bool {
		for line := range strings.Lines(w.receiver.log.String()) {
			var entry struct{ Msg, Listener, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" && entry.Listener == "public" {
				w.public = entry.Address
			}
		}
		return w.public != ""
	})
}

func (w *spoolTrial) post(body []byte) (int, string) {
	w.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+w.public+"/webhooks/happycolis", strings.NewReader(string(body)))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set(webhook.SignatureHeader, webhook.Sign(body, "s3cret"))
	return exchange(r)
}

// sendOne sends the next event of a sender about its delivery order: without a date, so that its place is its order.
func (w *spoolTrial) sendOne(sender int) {
	w.sent[sender]++
	body := fmt.Appendf(nil, `{"header":{"organizationId":"org_1","messageId":"m_%d_%d","type":"delivery_order/updated"},"body":{"id":"do_%d",`+
		`"locationId":"loc_1","status":"PENDING","orderNumber":"%d"}}`, sender, w.sent[sender], sender, w.sent[sender])
	if status, answer := w.post(body); status/100 != 2 {
		w.refused.Add(1)
		w.Errorf("webhook %d of sender %d is answered %d %s", w.sent[sender], sender, status, answer)
	}
}

// begin has every sender send until end.
func (w *spoolTrial) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	w.endSender = cancel
	for i := range spoolSenders {
		w.sending.Go(func() {
			for ctx.Err() == nil && w.refused.Load() < 5 {
				w.sendOne(i)
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	w.Cleanup(w.end)
}

func (w *spoolTrial) end() {
	w.endSender()
	w.sending.Wait()
}

func (w *spoolTrial) readyz() (int, string) { return apptest.Fetch(w.T, "http://"+w.public+"/readyz") }

// applied waits until every event had its effect, and wants the last of each sender to be what is known.
func (w *spoolTrial) applied() {
	w.Helper()
	x := index.New(redistest.NewClient(w.T, w.redis.Addr))
	apptest.Eventually(w.T, "everything that was answered is applied", func() bool {
		for i, n := range w.sent {
			if e, _, err := x.Get(context.Background(), "org_1", fmt.Sprint("do_", i)); err != nil || e.Number != fmt.Sprint(n) {
				return false
			}
		}
		return true
	})
	for i, n := range w.sent {
		for m := 1; m <= n; m++ {
			if seen, err := x.IsSeen(context.Background(), "org_1", fmt.Sprintf("m_%d_%d", i, m)); err != nil || !seen {
				w.Fatalf("webhook %d of sender %d is lost, %v", m, i, err)
			}
		}
	}
}

// TestNoWebhookIsRefusedWhileRedisDies kills Redis, freezes it and lets it be full, under load.
func TestNoWebhookIsRefusedWhileRedisDies(t *testing.T) {
	t.Parallel()
	w := newSpoolTrial(t)
	w.start()
	w.receiver.ready(t)
	w.begin()
	trouble := func(name string, begin, end func()) {
		time.Sleep(500 * time.Millisecond)
		begin()
		apptest.Eventually(t, name+": it is ready all the same, and says why", func() bool {
			status, answer := w.readyz()
			if status != http.StatusOK {
				t.Errorf("%s: /readyz is %d %s", name, status, answer)
			}
			return strings.Contains(answer, "redis: away, spooling")
		})
		time.Sleep(4 * time.Second) // longer than the patience without a spool
		end()
		apptest.Eventually(t, name+": it is over", func() bool { _, answer := w.readyz(); return answer == `{"ready":true}` })
	}
	full := func(limit string) func() {
		return func() {
			if err := redistest.NewClient(t, w.redis.Addr).ConfigSet(context.Background(), "maxmemory", limit).Err(); err != nil {
				t.Error(err)
			}
		}
	}
	trouble("killed", w.redis.Kill, w.redis.Start)
	trouble("frozen", func() { w.redis.Signal(syscall.SIGSTOP) }, func() { w.redis.Signal(syscall.SIGCONT) })
	trouble("out of memory", full("1"), full("0"))
	w.end()
	w.applied()
	apptest.Eventually(t, "nothing is left on disk", func() bool { got, _ := filepath.Glob(w.spool + "/*"); return len(got) == 0 })
	t.Logf("%v were sent, %d of them refused", w.sent, w.refused.Load())
}

// TestASpoolOutlivesItsProcess also has it started while Redis was never there, and looks for what must not be on disk.
func TestASpoolOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	w := newSpoolTrial(t)
	w.redis.Kill()
	w.start()
	for i := range spoolSenders {
		for range 20 {
			w.sendOne(i)
		}
	}
	for _, name := range webhook.Samples() {
		body, _ := webhook.Sample(name)
		fields := ""
		for _, field := range personal {
			fields += fmt.Sprintf(`"%s":"CANARY",`, field)
		}
		if status, answer := w.post([]byte(strings.Replace(string(body), `"body": {`, `"body": {`+fields, 1))); status != http.StatusOK {
			t.Errorf("%s is answered %d %s", name, status, answer)
		}
	}
	if status, answer := w.readyz(); status != http.StatusOK || !strings.Contains(answer, "redis: away, spooling") {
		t.Errorf("/readyz is %d %s", status, answer)
	}
	kept := 0
	err := filepath.WalkDir(w.spool, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		kept += len(data)
		for _, leak := range append([]string{"CANARY", "EXAMPLE-NOT-A-REAL-TOKEN", "s3cret", "avenue", "+333"}, personal...) {
			if strings.Contains(string(data), leak) {
				t.Errorf("%s holds %q", path, leak)
			}
		}
		return err
	})
	if err != nil || kept < 10_000 {
		t.Errorf("the spool holds %d bytes, %v, fewer than were sent", kept, err)
	}
	if err := w.receiver.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-w.receiver.ended
	w.redis.Start()
	w.public = ""
	w.start()
	w.applied()
}
