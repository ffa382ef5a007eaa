package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// survivorsMost is how many in a hundred mutants may survive at the most, those that may among them.
const survivorsMost = 3

// report prints what became of the mutants. False: a mutant survived that may not, too many did, or the list names
// some that are not there.
func (o options) report(out io.Writer, t *trial, tried []*mutant, may accepted) bool {
	ok := true
	counts := map[fate]int{}
	var unexpected, doubtful, killedAfterAll []*mutant
	listed := 0
	for _, m := range tried {
		f := t.fates[m]
		counts[f]++
		reason := may[m.key]
		switch f {
		case survived, unreached:
			if reason == "" {
				unexpected = append(unexpected, m)
			} else {
				listed++
			}
		case killed, hung:
			if reason != "" {
				killedAfterAll = append(killedAfterAll, m)
			}
		case undecided:
			if o.quick && reason == "" {
				doubtful = append(doubtful, m)
			}
		case untried:
		}
	}
	if len(doubtful) > 0 {
		fmt.Fprintln(out, "These mutants are not noticed by the likely tests:")
		for _, m := range doubtful {
			fmt.Fprintf(out, "%s\n    # line %d\n", m, m.line)
		}
		fmt.Fprintln(out)
	}
	if len(unexpected) > 0 {
		ok = false
		fmt.Fprintln(out, "These mutants survive and are not on the list:")
		for _, m := range unexpected {
			note := ""
			if t.fates[m] == unreached {
				note = " (no test comes by)"
			}
			fmt.Fprintf(out, "%s\n    # line %d%s\n", m, m.line, note)
		}
		fmt.Fprintf(out, "A test should notice each. One that changes nothing goes into %s, with the reason.\n\n", o.list)
	}
	if len(killedAfterAll) > 0 {
		fmt.Fprintf(out, "These stand in %s, and a test notices them:\n", o.list)
		for _, m := range killedAfterAll {
			fmt.Fprintf(out, "%s\n    # by %s\n", m, t.by[m])
		}
		fmt.Fprintln(out)
	}
	for _, u := range slices.SortedFunc(maps.Keys(t.broken), func(a, b *unit) int { return strings.Compare(a.String(), b.String()) }) {
		fmt.Fprintf(out, "%s fails without any mutant, and noticed none:\n%s\n", u, failing(u.held.Load().failure))
		ok = false
	}
	if o.share == 1 && o.all {
		ok = o.stale(out, t.mutants, may) && ok
	}
	missing := counts[untried] + counts[undecided]
	decided := len(tried) - missing
	alive := counts[survived] + counts[unreached]
	fmt.Fprintf(out, "%d mutants: %d killed, of which %d hung; %d survive, %d of them on the list", decided, counts[killed]+counts[hung], counts[hung], alive, listed)
	if decided > 0 && o.share == 1 {
		fmt.Fprintf(out, " (%.1f %%)", 100*float64(alive)/float64(decided))
		if o.only == "" && 100*alive > survivorsMost*decided {
			fmt.Fprintf(out, ", which is more than %d %%", survivorsMost)
			ok = false
		}
	}
	fmt.Fprintln(out)
	if missing > 0 {
		fmt.Fprintf(out, "%d were not tried in the time given, and %d not on all tests\n", counts[untried], counts[undecided])
	}
	return ok
}

const saidMost = 40 // lines of a failing test

// failing is the end of what a failing test said, without what passes.
func failing(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if text := strings.TrimSpace(line); !strings.HasPrefix(text, "--- PASS") && !strings.HasPrefix(text, "=== ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-saidMost):], "")
}

// stale prints what the list names and is not there.
func (o options) stale(out io.Writer, all []*mutant, may accepted) bool {
	there := map[string]bool{}
	for _, m := range all {
		there[m.key] = true
	}
	var stale []string
	for _, key := range slices.Sorted(maps.Keys(may)) {
		if !there[key] {
			stale = append(stale, key)
		}
	}
	if len(stale) == 0 {
		return true
	}
	fmt.Fprintf(out, "%s names mutants that there are not:\n", o.list)
	for _, key := range stale {
		fmt.Fprintln(out, key)
	}
	fmt.Fprintln(out)
	return false
}
