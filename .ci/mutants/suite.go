package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	measureMost = 5 * time.Minute         // a test, or all sub-tests of one, without any mutant
	splitAbove  = 1500 * time.Millisecond // a test that takes longer is tried sub-test by sub-test
	slack       = 5 * time.Second         // besides timeFactor, for a machine that is busy
	timeFactor  = 5                       // times what a test takes without a mutant: it hangs
	memoryMost  = 4 << 20                 // KiB of address space
)

// suite is the tests of one package, as a program.
type suite struct {
	dir, binary, folder string
	mutants             int
	mu                  sync.Mutex
	units               []*unit
	byName              map[string]*unit
}

// unit is a test, or a sub-test, that is run by itself.
type unit struct {
	suite *suite
	name  string

	mu   sync.Mutex // held while it is measured
	held atomic.Pointer[measure]
}

// measure is what running a unit without any mutant told.
type measure struct {
	failure string // what it said, if it failed
	seen    []byte // by number of the mutant: 1 where it is reached
	took    time.Duration
	parts   []*unit // its sub-tests, where those are run in its place
}

func newSuite(ctx context.Context, dir, binary, folder string, mutants int) (*suite, error) {
	s := &suite{dir: dir, binary: binary, folder: folder, mutants: mutants, byName: map[string]*unit{}}
	list := exec.CommandContext(ctx, binary, "-test.list", "^Test")
	list.Dir = folder
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the tests of %s: %w", dir, err)
	}
	for _, name := range strings.Fields(string(out)) {
		s.units = append(s.units, s.unit(name))
	}
	return s, nil
}

// unit is the one of a name.
func (s *suite) unit(name string) *unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName[name] == nil {
		s.byName[name] = &unit{suite: s, name: name}
	}
	return s.byName[name]
}

// test is the name of the test that a unit is, or is a part of.
func (u *unit) test() string {
	name, _, _ := strings.Cut(u.name, "/")
	return name
}

func (u *unit) String() string { return u.suite.dir + " " + u.name }

// measured runs a unit without any mutant, once: whether it holds, how long it takes, which mutants it reaches, and
// which sub-tests it has.
func (u *unit) measured(ctx context.Context) (*measure, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if m := u.held.Load(); m != nil {
		return m, nil
	}
	file, err := os.CreateTemp("", "mutants-seen-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }() // it was read
	if err := file.Truncate(int64(u.suite.mutants) + 1); err != nil {
		return nil, err
	}
	m := &measure{}
	var r ran
	for range 2 { // a test that fails now and then is not this program's business
		began := time.Now()
		if r, err = u.run(ctx, measureMost, "MUTANTS_SEEN="+file.Name()); err != nil {
			return nil, err
		}
		m.took, m.failure = time.Since(began), ""
		if !r.failed && !r.late {
			break
		}
		m.failure = r.output
	}
	if m.seen, err = os.ReadFile(file.Name()); err != nil {
		return nil, err
	}
	if m.took > splitAbove && len(r.subtests) > 1 {
		for _, name := range r.subtests {
			m.parts = append(m.parts, u.suite.unit(name))
		}
	}
	u.held.Store(m)
	return m, nil
}

// ran is what became of running a unit.
type ran struct {
	failed   bool
	late     bool // it took too long, and was ended
	output   string
	subtests []string // directly below the unit
}

// run runs a unit until it ends, fails or takes too long.
func (u *unit) run(ctx context.Context, most time.Duration, environment ...string) (ran, error) {
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	cmd := exec.CommandContext(bounded, "sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, memoryMost),
		u.suite.binary, "-test.v", "-test.run", pattern(u.name))
	cmd.Dir = u.suite.folder
	// What is drawn at random is drawn alike each time, and what fails is not written down.
	cmd.Env = append(os.Environ(), "RAPID_CHECKS=30", "RAPID_SEED=20260518", "RAPID_NOFAILFILE=true", "RAPID_SHRINKTIME=0s")
	cmd.Env = append(cmd.Env, environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with whatever it starts
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	read, write, err := os.Pipe()
	if err != nil {
		return ran{}, err
	}
	defer read.Close()
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		write.Close()
		return ran{}, err
	}
	write.Close()
	var r ran
	var lines []string
	var told *time.Timer
	for in := bufio.NewReader(read); ; {
		line, err := in.ReadString('\n')
		lines = append(lines, line)
		if len(lines) > 200 {
			lines = slices.Delete(lines, 0, 100)
		}
		if name, ok := strings.CutPrefix(line, "=== RUN   "+u.name+"/"); ok && !strings.Contains(name, "/") {
			r.subtests = append(r.subtests, u.name+"/"+strings.TrimSpace(name))
		}
		if !r.failed && (strings.HasPrefix(strings.TrimSpace(line), "--- FAIL:") || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:")) {
			r.failed = true
			told = time.AfterFunc(100*time.Millisecond, cancel) // what it says of it comes at once
		}
		if err != nil {
			break
		}
	}
	err = cmd.Wait()
	_ = end() // what it started and left behind
	if told != nil {
		told.Stop()
	}
	r.output = strings.Join(lines, "")
	r.late = !r.failed && errors.Is(bounded.Err(), context.DeadlineExceeded)
	r.failed = r.failed || err != nil && !r.late
	return r, ctx.Err()
}

// pattern runs exactly one test or sub-test.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}
