// Mutants changes the code in small ways, one at a time, and sees whether a test notices: a condition that always
// holds, a statement that is left out, a result that is empty, a limit that is twice as high, a line less in a Lua
// script. A change that no test notices survives. Survivors have to stand in accepted.txt, each with the reason why it
// may, and be no more than 3 % of all.
//
// All mutants are compiled in at once, each behind its number, and switched on by an environment variable, so the
// tests are built once. Without a mutant each test is run once: what it reaches, and how long it takes, decides which
// tests are tried on which mutant, and in which order. A test that fails, or takes much longer than before, kills it.
//
// Not mutated is what no story can show: log lines and conditions around nothing else, the texts of errors, sentences,
// methods that make texts, sizes in make, locks, and what closes or cancels at the end; that a moment is exactly that of
// Redis's clock. Nor what another mutant shows: of "err != nil" only the one is made that nothing failed, and no value
// beside a failure; an "if" around one statement loses it by its condition. The condition of a loop is never made true
// for good.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are what the command line says.
type options struct {
	root, list, hints, only string
	share                   int
	seed                    string
	limit                   time.Duration
	workers                 int
	count, learn, quick     bool
	targets                 []target
	all                     bool // targets are all there are
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o := options{targets: targets, all: true}
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: mutants [flags] [directory...]\nWith directories, as worker/journal, only those are mutated.")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.root, "root", ".", "the module's `directory`")
	flags.StringVar(&o.list, "list", ".ci/mutants/accepted.txt", "the `file` of survivors that may survive")
	flags.StringVar(&o.hints, "hints", ".ci/mutants/tests.txt", "the `file` of tests to try first")
	flags.BoolVar(&o.learn, "learn", false, "write that file anew")
	flags.StringVar(&o.only, "only", "", "try only the mutants that stand in this `file`, as they are printed")
	flags.IntVar(&o.share, "share", 1, "try one mutant in so many")
	flags.StringVar(&o.seed, "seed", "", "which those are: `text` such as a commit's hash")
	flags.DurationVar(&o.limit, "for", 0, "stop after this time, and say what was not tried; 0: never")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many are tried at once")
	flags.BoolVar(&o.quick, "quick", false, "try only the likely tests on a mutant; what they do not notice is told")
	flags.BoolVar(&o.count, "count", false, "list the mutants and try none")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if o.share < 1 || o.workers < 1 {
		fmt.Fprintln(stderr, "mutants: share and workers are 1 or more")
		return 2
	}
	if flags.NArg() > 0 {
		var problem error
		o.all = false
		if o.targets, problem = pick(flags.Args()); problem != nil {
			fmt.Fprintln(stderr, "mutants:", problem)
			return 2
		}
	}
	ok, err := o.do(ctx, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "mutants:", err)
		return 1
	}
	if !ok {
		return 1
	}
	return 0
}

// pick are the targets of some directories.
func pick(dirs []string) ([]target, error) {
	var picked []target
	for _, dir := range dirs {
		dir = filepath.ToSlash(filepath.Clean(dir))
		n := len(picked)
		for _, t := range targets {
			if t.dir == dir {
				picked = append(picked, t)
			}
		}
		if len(picked) == n {
			var known []string
			for _, t := range targets {
				known = append(known, t.dir)
			}
			return nil, fmt.Errorf("%s is not mutated; these are: %s", dir, strings.Join(known, " "))
		}
	}
	return picked, nil
}

// do builds, tries and reports. False: a mutant survived that may not, or too many did.
func (o options) do(ctx context.Context, stdout, stderr io.Writer) (bool, error) {
	began := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(stderr, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	if o.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	may, err := readAccepted(o.list)
	if err != nil {
		return false, err
	}
	root, err := filepath.Abs(o.root)
	if err != nil {
		return false, err
	}
	work, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(work) }() // what is left there harms nobody
	b, err := build(ctx, root, work, o.targets)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		fmt.Fprintln(stdout, "the tests were not built in the time given: no mutant was tried")
		return true, nil
	}
	if err != nil {
		return false, err
	}
	chosen, err := o.choose(b.mutants, may)
	if err != nil {
		return false, err
	}
	if o.count {
		for _, m := range chosen {
			fmt.Fprintf(stdout, "%s\n", m)
		}
		return true, nil
	}
	say("%d mutants, of which %d are tried", len(b.mutants), len(chosen))
	t := newTrial(b, o.targets, o.workers, say)
	if err := t.hint(o.hints); err != nil {
		return false, err
	}
	if err := t.run(ctx, chosen, o.quick); err != nil {
		return false, err
	}
	if o.learn {
		if err := t.writeHints(o.hints); err != nil {
			return false, err
		}
	}
	return o.report(stdout, t, chosen, may), nil
}

// choose are the mutants to try. Of a share, those that may survive are not tried again.
func (o options) choose(all []*mutant, may accepted) ([]*mutant, error) {
	var only map[string]bool
	if o.only != "" {
		only = map[string]bool{}
		if err := readBlocks(o.only, func(_ int, key string, _ []string) error { only[key] = true; return nil }); err != nil {
			return nil, err
		}
	}
	var picked []*mutant
	for _, m := range all {
		_, mayLive := may[m.key]
		if only != nil && !only[m.key] || o.share > 1 && (mayLive || !chosen(m, o.share, o.seed)) {
			continue
		}
		picked = append(picked, m)
	}
	return picked, nil
}
