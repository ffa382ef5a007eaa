//go:build bench

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/redistest"
)

// What the webhook bench sends: several events about each delivery order, as a platform does.
const (
	benchWebhooks     = 2_000 // a round
	benchRounds       = 25    // of each handler, in turn; the median of the rounds' ratios counts
	webhooksPerOrder  = 4
	webhookSenders    = 32
	takenPerSecondMin = 0.5 // of what the bare handler takes
)

// taker is one HTTP handler under load.
type taker struct {
	name     string
	url      string
	redis    redis.UniversalClient
	rates    []float64 // webhooks a second, by round
	commands float64   // of Redis, those of its scripts too, for each webhook
	busy     float64   // microseconds of Redis's processor, for each webhook
}

func TestBenchWebhooksTakenPerSecond(t *testing.T) {
	for _, senders := range []int{webhookSenders, 1} {
		t.Run(fmt.Sprintf("%d senders", senders), func(t *testing.T) {
			bare, ours := bareTaker(t), ourTaker(t)
			for round := range benchRounds {
				for _, x := range []*taker{bare, ours} {
					x.take(t, webhooksOf(t, round), senders)
				}
			}
			for _, x := range []*taker{bare, ours} {
				t.Logf("%-13s %6.0f webhooks a second (median of %d rounds), for each %.1f commands and %.0f us of Redis's processor",
					x.name, median(x.rates), benchRounds, x.commands, x.busy)
			}
			var ratios []float64
			for round, rate := range ours.rates {
				ratios = append(ratios, rate/bare.rates[round])
			}
			ratio := median(ratios)
			wanted := " (the target is for many senders)"
			if senders > 1 {
				wanted = judged(ratio >= takenPerSecondMin, "at least %.2f", takenPerSecondMin)
			}
			t.Logf("ratio %.2f%s", ratio, wanted)
		})
	}
}

// bareTaker only enqueues the body.
func bareTaker(t *testing.T) *taker {
	addr := redistest.StartServerAddr(t, "--appendonly", "yes")
	rdb := promptClient(t, addr)
	client := asynq.NewClientFromRedisClient(rdb)
	var n atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = client.EnqueueContext(r.Context(), asynq.NewTask("webhook", body), asynq.TaskID(fmt.Sprint(n.Add(1))))
		}
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "{\"result\": \"taken\"}\n")
	})
	l := &app.Listener{Name: "bare", Address: "127.0.0.1:0", Handler: handler, Log: apptest.Quiet}
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	l.Serve()
	t.Cleanup(l.Close)
	return &taker{name: "bare handler", url: urlOf(l.Addr()), redis: rdb}
}

// ourTaker is the product in the role of a receiver.
func ourTaker(t *testing.T) *taker {
	addr := redistest.StartServerAddr(t, "--appendonly", "yes")
	cfg := apptest.Config("redis://" + addr + "/0")
	cfg.Organizations[0].Credentials.Organization = benchOrganization
	a, err := app.New(cfg, []string{app.RoleReceiver}, apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &taker{name: "our receiver", url: urlOf(a.PublicAddress()), redis: promptClient(t, addr)}
}

const benchOrganization = "org_bench"

func urlOf(at net.Addr) string { return "http://" + at.String() + intake.Path }

func promptClient(t *testing.T, addr string) redis.UniversalClient {
	client, err := app.DialRedis(happycolis.Secret("redis://"+addr+"/0"), nil, app.PromptRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	return client
}

// webhooksOf makes the bodies of a round: real ones, each with its own message.
func webhooksOf(t *testing.T, round int) [][]byte {
	sample, ok := webhook.Sample("delivery-order-updated")
	if !ok {
		t.Fatal("there is no sample delivery-order-updated")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, sample); err != nil {
		t.Fatal(err)
	}
	const message, deliveryOrder, organization, date = "0e9c5a7d-41a8-4b62-8f3e-007d3c9bf778", "7b3e5d90-1c48-42a6-8f1b-6e0d9a2c4b57",
		"5f0c2b1e-7a34-4d19-9c58-1e6b7d20a4f3", "2026-05-17T14:31:48.260Z"
	begun := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	bodies := make([][]byte, benchWebhooks)
	for i := range bodies {
		bodies[i] = []byte(strings.NewReplacer(
			message, fmt.Sprintf("0e9c5a7d-41a8-4b62-%04x-%012x", round, i),
			deliveryOrder, fmt.Sprintf("7b3e5d90-1c48-42a6-%04x-%012x", round, i/webhooksPerOrder),
			organization, benchOrganization,
			date, begun.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"),
		).Replace(compact.String()))
	}
	return bodies
}

// take sends a round and notes how fast it was taken.
func (x *taker) take(t *testing.T, bodies [][]byte, senders int) {
	t.Helper()
	signatures := make([]string, len(bodies))
	for i, body := range bodies {
		signatures[i] = webhook.Sign(body, "s")
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	defer client.CloseIdleConnections()
	commands, busy := x.spent(t)
	begun := time.Now()
	var next, refused atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(bodies); i = int(next.Add(1)) - 1 {
				if !x.post(client, bodies[i], signatures[i]) {
					refused.Add(1)
				}
			}
		})
	}
	all.Wait()
	x.rates = append(x.rates, float64(len(bodies))/time.Since(begun).Seconds())
	commandsAfter, busyAfter := x.spent(t)
	x.commands, x.busy = (commandsAfter-commands)/float64(len(bodies)), 1e6*(busyAfter-busy)/float64(len(bodies))
	if n := refused.Load(); n > 0 {
		t.Fatalf("%s refused %d webhooks", x.name, n)
	}
}

func (x *taker) post(client *http.Client, body []byte, signature string) bool {
	request, err := http.NewRequest(http.MethodPost, x.url, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set(webhook.SignatureHeader, signature)
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil && answer.StatusCode == http.StatusOK
}

// spent is how many commands the Redis ran so far, and the seconds that it was busy.
func (x *taker) spent(t *testing.T) (commands, busy float64) {
	t.Helper()
	info, err := x.redis.(*redis.Client).InfoMap(t.Context(), "stats", "cpu").Result()
	if err != nil {
		t.Fatal(err)
	}
	number := func(section, key string) (n float64) {
		if _, err := fmt.Sscan(info[section][key], &n); err != nil {
			t.Fatalf("Redis tells no %s: %v", key, err)
		}
		return n
	}
	return number("Stats", "total_commands_processed"), number("CPU", "used_cpu_user") + number("CPU", "used_cpu_sys")
}

// judged says whether a ratio is as good as it should be. A slow machine fails no bench.
func judged(good bool, want string, limit float64) string {
	if good {
		return ": wanted " + fmt.Sprintf(want, limit)
	}
	return ": MISSED, wanted " + fmt.Sprintf(want, limit)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
