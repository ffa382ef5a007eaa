package cli

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// listing has the flags that say how a list is printed.
type listing struct {
	asJSON, asCSV, byLine bool
}

func (l *listing) flags(command *cobra.Command) {
	command.Flags().BoolVar(&l.asJSON, "json", false, "print one JSON array")
	command.Flags().BoolVar(&l.asCSV, "csv", false, "print a table for spreadsheets, with the keys of --json as its head")
}

// linesFlag adds the flag for lists of delivery orders.
func (l *listing) linesFlag(command *cobra.Command) {
	command.Flags().BoolVar(&l.byLine, "lines", false, "with --csv: a row for each line of a delivery order, with SKU and quantity where they are known")
}

func (l *listing) check() error {
	switch {
	case l.asJSON && l.asCSV:
		return usageError("--json or --csv, not both")
	case l.byLine && !l.asCSV:
		return usageError("--lines goes with --csv")
	}
	return nil
}

// narrowing has the flags that narrow a list down to some states or to the latest rows.
type narrowing struct {
	state, since string
	open         bool
}

func (n *narrowing) flags(command *cobra.Command, since, open string) {
	command.Flags().StringVar(&n.state, "state", "", "in this state only")
	command.Flags().StringVar(&n.since, "since", "", since+": a time, a date, or how long ago, as 2026-05-18T06:00:00Z, 2026-05-18, 90m, 36h or 7d")
	command.Flags().BoolVar(&n.open, "open", false, open)
}

// pairs are the pairs of a query.
func (n *narrowing) pairs(now time.Time) ([]string, error) {
	since, err := readSince(n.since, now)
	if err != nil {
		return nil, err
	}
	pairs := []string{"state", n.state, "since", since}
	if n.open {
		pairs = append(pairs, "open", "1")
	}
	return pairs, nil
}

// readSince reads a time, a date in the reader's zone, or how long ago; it returns it for a query, "" for none.
func readSince(text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, text, time.Local)
	}
	if err != nil {
		at, err = readAgo(text, now)
	}
	if err != nil {
		return "", usageError("--since: %q is no time; write one like 2026-05-18T06:00:00Z, a date like 2026-05-18, or how long ago, like 90m, 36h or 7d", text)
	}
	return at.UTC().Format(time.RFC3339), nil
}

// daysMost is how many days ago a list may begin.
const daysMost = 100_000

func readAgo(text string, now time.Time) (time.Time, error) {
	if days, is := strings.CutSuffix(text, "d"); is {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > daysMost {
			return now, usageError("no number of days")
		}
		return now.AddDate(0, 0, -int(n)), nil
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 {
		return now, usageError("no duration")
	}
	return now.Add(-ago), nil
}
