//go:build bench

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/redistest"
)

// What is sent through the outages.
const (
	outageSenders  = 100                    // each about a delivery order of its own, one webhook after the other
	outageInterval = 100 * time.Millisecond // between two webhooks of a sender
	outageSettles  = 5 * time.Minute        // until everything that was taken has its effect
	outageLook     = 250 * time.Millisecond // at the effects
)

// outageTrial is a receiver with a spool, on sockets that a systemd would hold, and what is sent to it.
type outageTrial struct {
	*testing.T
	held     *held
	receiver *process
	rdb      redis.UniversalClient
	sent     [outageSenders]int
	answers  [outageSenders][]time.Duration
	refused  atomic.Int64
}

func newOutageTrial(t *testing.T, redisURL string) *outageTrial {
	h := holdSockets(t)
	text := fmt.Sprintf("redis: %s\nhappycolis: {graphql_url: %q, token_url: %q}\nincident: {mode: approve}\n"+
		"organizations: [{id: org_1, client_id: a, client_secret: \"${SECRET}\"}]\nlisten: %q\nmetrics: %q\nspool: {dir: spool}\nshutdown_delay: 1s\n",
		redisURL, nowhere, nowhere, h.addresses[0], h.addresses[1])
	if err := os.WriteFile(h.configuration, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	rdb, err := app.DialRedis(happycolis.Secret(redisURL), nil, app.PatientRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() }) // nothing is unwritten
	o := &outageTrial{T: t, held: h, rdb: rdb, receiver: h.start(t)}
	o.receiver.ready(t)
	return o
}

// upgrade ends the process and starts another on the same sockets.
func (o *outageTrial) upgrade() {
	if got := o.receiver.terminate(o.T); got != cli.ExitDone {
		o.Errorf("the old process ends with %d: %s", got, tail(o.receiver.log.String()))
	}
	o.receiver = o.held.start(o.T)
}

// sendFor has every sender send at its interval for a while, and troubles happen meanwhile.
func (o *outageTrial) sendFor(d time.Duration, troubles func()) {
	begun := time.Now()
	var all sync.WaitGroup
	for sender := range outageSenders {
		all.Go(func() {
			transport := &http.Transport{DisableKeepAlives: sender%10 == 0}
			defer transport.CloseIdleConnections()
			client := &http.Client{Timeout: time.Minute, Transport: transport}
			for next := begun.Add(time.Duration(sender) * outageInterval / outageSenders); next.Before(begun.Add(d)); next = next.Add(outageInterval) {
				time.Sleep(time.Until(next))
				o.sendOne(client, sender)
			}
		})
	}
	troubles()
	all.Wait()
	answers := slices.Concat(o.answers[:]...)
	slices.Sort(answers)
	o.Logf("%d webhooks in %s, %.0f a second: %d refused; the answers' p99 is %s, the longest %s", len(answers), time.Since(begun).Round(time.Second),
		float64(len(answers))/time.Since(begun).Seconds(), o.refused.Load(), answers[len(answers)*99/100].Round(time.Millisecond), answers[len(answers)-1].Round(time.Millisecond))
}

// sendOne sends the next event about the sender's delivery order: without a date, so that its place is its order.
func (o *outageTrial) sendOne(client *http.Client, sender int) {
	o.sent[sender]++
	body := fmt.Sprintf(`{"header":{"organizationId":"org_1","messageId":"m_%d_%d","type":"delivery_order/updated"},"body":{"id":"do_%d",`+
		`"locationId":"loc_1","status":"PENDING","orderNumber":"%d"}}`, sender, o.sent[sender], sender, o.sent[sender])
	request, err := http.NewRequest(http.MethodPost, "http://"+o.held.addresses[0]+intake.Path, strings.NewReader(body))
	if err != nil {
		o.Error(err)
		return
	}
	request.Header.Set(webhook.SignatureHeader, webhook.Sign([]byte(body), "s3cret"))
	begun := time.Now()
	answer, err := client.Do(request)
	o.answers[sender] = append(o.answers[sender], time.Since(begun))
	if err != nil {
		o.refused.Add(1)
		o.Errorf("%s: %v", begun.Format(time.TimeOnly), err)
		return
	}
	_, _ = io.Copy(io.Discard, answer.Body) // what it says is in its status
	_ = answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		o.refused.Add(1)
		o.Errorf("%s: %s", begun.Format(time.TimeOnly), answer.Status)
	}
}

// watchOrder looks at what is known of each delivery order until the context ends: it never becomes older.
func (o *outageTrial) watchOrder(ctx context.Context) {
	x := index.New(o.rdb)
	var last [outageSenders]int
	for ctx.Err() == nil {
		for i := range last {
			n, err := o.known(ctx, x, i)
			if err == nil && n < last[i] {
				o.Errorf("do_%d was known by event %d, and is by %d now", i, last[i], n)
			}
			last[i] = max(last[i], n)
		}
		time.Sleep(outageLook)
	}
}

// known is the number of the event by which a delivery order is known.
func (o *outageTrial) known(ctx context.Context, x *index.Index, sender int) (int, error) {
	e, found, err := x.Get(ctx, "org_1", fmt.Sprint("do_", sender))
	if err != nil || !found {
		return 0, err
	}
	return strconv.Atoi(e.Number)
}

// lost waits until the last event of each sender had its effect, and counts those that had none.
func (o *outageTrial) lost() (n int) {
	o.Helper()
	x, begun := index.New(o.rdb), time.Now()
	for i, want := range o.sent {
		for got, err := o.known(o.Context(), x, i); err != nil || got != want; got, err = o.known(o.Context(), x, i) {
			if time.Since(begun) > outageSettles {
				o.Fatalf("do_%d is known by event %d of %d, %v: %s", i, got, want, err, tail(o.receiver.log.String()))
			}
			time.Sleep(outageLook)
		}
		for m := 1; m <= want; m++ {
			if seen, err := x.IsSeen(o.Context(), "org_1", fmt.Sprintf("m_%d_%d", i, m)); err != nil {
				o.Fatal(err)
			} else if !seen {
				n++
			}
		}
	}
	return n
}

// holds sends for a minute through troubles, and wants nothing refused, lost or out of order.
func (o *outageTrial) holds(d time.Duration, troubles func()) {
	ctx, stop := context.WithCancel(o.Context())
	var watching sync.WaitGroup
	watching.Go(func() { o.watchOrder(ctx) })
	o.sendFor(d, troubles)
	lost := o.lost()
	stop()
	watching.Wait()
	o.Logf("%d webhooks have no effect", lost)
	if lost > 0 {
		o.Errorf("%d webhooks are lost", lost)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(o.held.configuration), "spool", "*")); len(left) > 1 {
		o.Errorf("the spool holds %v", left)
	}
}

// TestBenchWebhooksThroughOutages sends a thousand webhooks a second for a minute, while Redis is killed, frozen and full and
// the receiver is upgraded twice.
func TestBenchWebhooksThroughOutages(t *testing.T) {
	server := redistest.StartServer(t, "--appendonly", "yes", "--appendfsync", "always")
	o := newOutageTrial(t, "redis://"+server.Addr+"/0")
	admin := redistest.NewClient(t, server.Addr)
	limit := func(bytes string) {
		if err := admin.ConfigSet(t.Context(), "maxmemory", bytes).Err(); err != nil {
			t.Error(err)
		}
	}
	o.holds(time.Minute, func() {
		time.Sleep(3 * time.Second)
		server.Kill()
		time.Sleep(5 * time.Second)
		o.upgrade() // while Redis is away
		server.Start()
		time.Sleep(7 * time.Second)
		server.Signal(syscall.SIGSTOP)
		time.Sleep(10 * time.Second)
		server.Signal(syscall.SIGCONT)
		time.Sleep(5 * time.Second)
		limit("1")
		time.Sleep(5 * time.Second)
		limit("0")
		time.Sleep(5 * time.Second)
		o.upgrade()
	})
}

// TestBenchWebhooksThroughAFailover has Sentinel make another Redis the master meanwhile.
func TestBenchWebhooksThroughAFailover(t *testing.T) {
	group := redistest.StartSentinel(t)
	o := newOutageTrial(t, "redis-sentinel://"+strings.Join(group.Sentinels, ",")+"/0?master_name="+redistest.MasterName)
	o.holds(30*time.Second, func() {
		time.Sleep(5 * time.Second)
		group.Fail()
		group.Heal()
	})
}

// TestBenchConnectionsThroughUpgrades opens two thousand connections a second, each for one webhook, through twenty upgrades.
func TestBenchConnectionsThroughUpgrades(t *testing.T) {
	const rate, upgrades = 2_000, 20
	o := newOutageTrial(t, "redis://"+redistest.StartServerAddr(t)+"/0")
	var failed, opened atomic.Int64
	enough := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
		for tick := time.NewTicker(time.Second / rate); ; {
			select {
			case <-enough:
				tick.Stop()
				return
			case <-tick.C:
				all.Go(func() {
					opened.Add(1)
					answer, err := client.Get("http://" + o.held.addresses[0] + "/healthz")
					if err != nil {
						failed.Add(1)
						t.Errorf("%s: %v", time.Now().Format(time.TimeOnly), err)
						return
					}
					_ = answer.Body.Close()
				})
			}
		}
	})
	begun := time.Now()
	for range upgrades {
		time.Sleep(500 * time.Millisecond)
		o.upgrade()
		o.receiver.ready(t)
	}
	close(enough)
	all.Wait()
	t.Logf("%d connections through %d upgrades in %s, %.0f a second: %d failed", opened.Load(), upgrades, time.Since(begun).Round(time.Second),
		float64(opened.Load())/time.Since(begun).Seconds(), failed.Load())
}
