package intake_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/spool"
)

var spooled = answer{Status: http.StatusOK, Result: "spooled"}

// spooling is a fixture whose receiver has a spool.
type spooling struct {
	*fixture
	t     *testing.T
	dir   string
	taker *intake.Taker
	spool *spool.Spool
	stop  func()
	kill  func() // without waiting: nothing more is applied
}

// withSpool gives a fixture a spool, and has it drained until stop.
func withSpool(t *testing.T, b *fixture, dir string, change ...func(*intake.TakerOptions, *spool.Options)) *spooling {
	t.Helper()
	log := slog.New(slog.NewTextHandler(b.logs, nil))
	so := spool.Options{Dir: dir, MaxBytes: 1 << 30, Platform: "https://platform.example/graphql", Log: log}
	to := intake.TakerOptions{Intake: b.options.Intake, Organizations: []string{org, sharing, sharing2}, Log: log}
	for _, f := range change {
		f(&to, &so)
	}
	s := &spooling{fixture: b, t: t, dir: dir, spool: spool.New(so)}
	to.Spool = s.spool
	s.taker = intake.NewTaker(to)
	b.options.Taker = s.taker
	b.wait(patient)
	ctx, cancel := context.WithCancel(t.Context())
	s.kill = cancel
	var running sync.WaitGroup
	running.Go(func() { s.taker.Run(ctx) })
	s.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := s.spool.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// newSpooling is a fixture with a spool in a folder of its own, which has nothing to apply.
func newSpooling(t *testing.T, change ...func(*options)) *spooling {
	t.Helper()
	s := withSpool(t, newFixture(t, change...), filepath.Join(t.TempDir(), "spool"))
	s.awaitDirect()
	return s
}

// eventually waits until something is so.
func (s *spooling) eventually(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("it is not so that %s; the log:\n%s", what, s.logs)
		}
	}
}

func (s *spooling) awaitDirect() {
	s.t.Helper()
	s.eventually("everything is applied", func() bool { return !s.taker.IsSpooling() })
}

// bytes is all that stands in a folder.
func (s *spooling) bytes() string {
	s.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
	return all.String()
}

// nudged is what was signalled so far.
func (b *fixture) nudged() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.nudges...)
}
