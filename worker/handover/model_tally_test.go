package handover_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// enoughChecks is from how many checks on nothing that can be drawn may be missing.
const enoughChecks = 1_000

// tally counts what the checks of one run drew.
type tally struct {
	checks int
	counts []*count
}

// count is how often one thing was drawn and, of what may fail to come about, how often it did.
type count struct {
	what, got   string
	drawn, came int
	mayFail     bool
}

// of is the count of one thing.
func (t *tally) of(what, got string) *count {
	at := slices.IndexFunc(t.counts, func(c *count) bool { return c.what == what && c.got == got })
	if at >= 0 {
		return t.counts[at]
	}
	c := &count{what: what, got: got}
	t.counts = append(t.counts, c)
	return c
}

// count counts what was drawn of what could be.
func (t *tally) count(what, got string, from ...string) {
	for _, other := range from {
		t.of(what, other)
	}
	t.of(what, got).drawn++
}

// came counts whether something that had been drawn came about, or how often.
func (t *tally) came(what, got string, times int) {
	c := t.of(what, got)
	c.mayFail = true
	c.came += times
}

// print tells the counts, a line for each sort of thing, and what is missing once there were enough checks.
func (t *tally) print(tb testing.TB) {
	tb.Helper()
	lines, missing := map[string][]string{}, []string{}
	for _, c := range t.counts {
		text := fmt.Sprintf("%s %d", c.got, c.drawn)
		if c.mayFail {
			text += fmt.Sprintf(" (came about %d)", c.came)
		}
		lines[c.what] = append(lines[c.what], text)
		if c.drawn == 0 || c.mayFail && c.came == 0 {
			missing = append(missing, c.what+": "+text)
		}
	}
	var all strings.Builder
	for _, what := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&all, "  %s: %s\n", what, strings.Join(lines[what], ", "))
	}
	tb.Logf("drawn in %d checks:\n%s", t.checks, all.String())
	if t.checks >= enoughChecks && !tb.Failed() && len(missing) > 0 {
		tb.Errorf("in %d checks never drawn, or never come about:\n  %s", t.checks, strings.Join(missing, "\n  "))
	}
}
