//go:build soak

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

// How much strangers do, for strangersFor (SOAK_SHORT: strangersForShort) each, beside trueEvery.
const (
	strangersFor      = 60 * time.Second
	strangersForShort = 6 * time.Second
	trueEvery         = time.Second / 20
	strangersMemory   = 256 << 20 // of docker-compose.yml
)

// TestSoakStrangers has strangers do their worst to a process with the limits of docker-compose.yml. All the while
// it is alive, and each true webhook is answered 2xx.
func TestSoakStrangers(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	for _, c := range []struct {
		name string
		run  func(*strangers)
	}{
		{"1,000 bodies that stall", func(s *strangers) {
			s.each(1000, func(i int) { s.hold(s.head(int64(256<<10)*int64(1+3*(i%2))) + strings.Repeat("x", 200<<10)) })
		}},
		{"1,000 headers that do not end", func(s *strangers) {
			s.each(1000, func(int) { s.hold("POST " + intake.Path + " HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 15<<10)) })
		}},
		{"10,000 connections that say nothing", func(s *strangers) { s.each(10_000, func(int) { s.hold(""); s.pause(5 * time.Second) }) }},
		{"a flood of MiBs that are not signed", func(s *strangers) {
			s.each(64, func(i int) {
				signature := webhook.Sign([]byte(rand.Text()), "secret of nobody")
				if i%4 == 0 {
					signature = ""
				}
				_ = s.post(make([]byte, 1<<20), signature)
			})
		}},
		{"200 signed bodies of max_body at once", func(s *strangers) { s.largest(256 << 10) }},
		{"200 signed bodies of 8 MiB at once", func(s *strangers) { s.largest(intake.LargestBody) }},
	} {
		organizations := 20
		if strings.Contains(c.name, "8 MiB") { // hashed with each secret, they take longer than a sender waits
			organizations = 1
		}
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, binary, rigOptions{processes: 1, request: soakRequest, perMinute: soakPerMinute, policy: soakPolicy, organizations: organizations - 1,
				environment: []string{"GOMEMLIMIT=200MiB", "GOGC="}})
			r.start()
			s := &strangers{loadFixture: r, address: r.processes[0].public, secret: demo.SandboxOrganization(demo.Organization).ClientSecret}
			var stop context.CancelFunc
			s.ctx, stop = context.WithTimeout(t.Context(), map[bool]time.Duration{true: strangersForShort, false: strangersFor}[soakShort()])
			defer stop()
			s.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
			ended := make(chan struct{})
			go func() { defer close(ended); c.run(s) }()
			s.sendTrue()
			<-ended
			s.judge()
		})
	}
}

// strangers are under way.
type strangers struct {
	*loadFixture
	ctx             context.Context
	address, secret string
	client          *http.Client

	mu      sync.Mutex
	took    []time.Duration // of true webhooks
	refused []string
	tried   atomic.Int64
}

// each has so many strangers do something again and again.
func (s *strangers) each(count int, do func(i int)) {
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() {
			for s.ctx.Err() == nil {
				s.tried.Add(1)
				do(i)
			}
		})
	}
	all.Wait()
}

func (s *strangers) pause(d time.Duration) {
	select {
	case <-s.ctx.Done():
	case <-time.After(d):
	}
}

// head is the head of a webhook whose signature has the right form.
func (s *strangers) head(length int64) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n%s: %s\r\n\r\n", intake.Path, length, webhook.SignatureHeader, webhook.Sign(nil, "secret of nobody"))
}

// hold sends a beginning, and waits until the connection is closed.
func (s *strangers) hold(beginning string) {
	conn, err := (&net.Dialer{}).DialContext(s.ctx, "tcp", s.address)
	if err != nil {
		s.pause(100 * time.Millisecond)
		return
	}
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	if _, err := io.WriteString(conn, beginning); err == nil {
		_, _ = io.Copy(io.Discard, conn)
	}
}

// post sends a whole body.
func (s *strangers) post(body []byte, signature string) error {
	r, err := http.NewRequest(http.MethodPost, "http://"+s.address+intake.Path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set(webhook.SignatureHeader, signature)
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%d %s", answer.StatusCode, text)
	}
	return nil
}

// largest sends 200 signed bodies at once, again and again.
func (s *strangers) largest(size int) {
	body := fmt.Appendf(nil, `{"header":{"organizationId":%q,"messageId":"large","type":"order/created"},"body":{"pad":%q}}`, demo.Organization, strings.Repeat("x", size))
	body = slices.Concat(body[:size-3], []byte(`"}}`))
	signature := webhook.Sign(body, s.secret)
	for s.ctx.Err() == nil {
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				s.tried.Add(1)
				s.note(0, s.post(body, signature))
			})
		}
		all.Wait()
	}
}

func (s *strangers) note(took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if took > 0 {
		s.took = append(s.took, took)
	}
	if err != nil {
		s.refused = append(s.refused, err.Error())
	}
}

// sendTrue sends webhooks of delivery orders at the pace of trueEvery, over connections of their own.
func (s *strangers) sendTrue() {
	tick := time.NewTicker(trueEvery)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := 0; s.ctx.Err() == nil; i++ {
		all.Go(func() {
			body := fmt.Appendf(nil, `{"header":{"organizationId":%q,"messageId":"m%d","type":"delivery_order/updated"},"body":{"id":"do_%d","orderIds":["o"],"locationId":"l",`+
				`"status":"PENDING","priority":"NORMAL","issuedAt":"2026-05-17T14:03:20Z","lines":[{"id":"l","sku":"M","quantity":1,"status":"PENDING"}],"events":[{"type":"X"}]}}`,
				demo.Organization, i, i)
			began := time.Now()
			err := s.post(body, webhook.Sign(body, s.secret))
			s.note(time.Since(began), err)
		})
		select {
		case <-s.ctx.Done():
		case <-tick.C:
		}
	}
	all.Wait()
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func (s *strangers) judge() {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.processes[0].command.Process.Pid))
	match := highWater.FindSubmatch(status)
	if err != nil || match == nil {
		s.t.Fatalf("the process is gone: %v", err)
	}
	kib, _ := strconv.Atoi(string(match[1])) // the pattern is of digits
	slices.Sort(s.took)
	s.t.Logf("%d tries of strangers; %d true webhooks, p50 %s, p99 %s, longest %s; peak %d MiB", s.tried.Load(), len(s.took),
		s.took[len(s.took)/2].Round(time.Millisecond), s.took[len(s.took)*99/100].Round(time.Millisecond), s.took[len(s.took)-1].Round(time.Millisecond), kib>>10)
	if len(s.refused) > 0 {
		s.t.Errorf("%d signed webhooks were refused, the first: %s", len(s.refused), s.refused[0])
	}
	if !s.processes[0].ready() {
		s.t.Error("the process is not ready")
	}
	if kib<<10 > strangersMemory {
		s.t.Errorf("it took %d MiB, more than %d", kib>>10, strangersMemory>>20)
	}
}
