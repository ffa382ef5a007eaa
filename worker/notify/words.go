package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/wording"
)

// reasonLines is one line for each reason, with what it means, the most frequent first.
func reasonLines(reasons map[journal.Reason]int) string {
	var lines []string
	for _, reason := range wording.ByCount(reasons) {
		lines = append(lines, fmt.Sprintf("- %d %s: %s", reasons[reason], reason, cmp.Or(reason.Meaning(), "a reason of a newer release")))
	}
	if rest := len(lines) - maxLines; rest > 0 {
		lines = append(lines[:maxLines], fmt.Sprintf("- and for %d more reasons", rest))
	}
	return strings.Join(lines, "\n")
}

// reasonWords are the reasons in one line.
func reasonWords(reasons map[journal.Reason]int) string {
	var words []string
	for _, reason := range wording.ByCount(reasons) {
		words = append(words, fmt.Sprintf("%d %s", reasons[reason], reason))
	}
	return joinWords(words)
}

// joinWords joins a few words of a list; the rest is counted.
func joinWords(words []string) string {
	const wordsMost = 6
	if rest := len(words) - wordsMost; rest > 0 {
		words = append(slices.Clone(words[:wordsMost]), fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(words, ", ")
}

// localTime is a moment in the people's own time.
func (n *diff) localTime(at time.Time) string { return formatTime(at, n.Zone) }

// message puts the parts of a message together, with each moment in the people's own time.
func (n *diff) message(title string, parts ...string) Message {
	for i, part := range parts {
		parts[i] = wording.ReplaceTimes(part, n.localTime)
	}
	return n.snapshot.message(title, parts...)
}

// timeAgo is a moment, and how long ago it was.
func (n *diff) timeAgo(at time.Time) string {
	return n.localTime(at) + " (" + formatDuration(n.at.Sub(at)) + ")"
}

func formatTime(at time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format("Mon 2 Jan 2006 15:04 MST")
}

// formatDuration is a length of time as people say it, to the minute.
func formatDuration(d time.Duration) string {
	d = d.Round(time.Minute)
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return wording.Count(int(d.Minutes()), "minute", "minutes")
	case d < 48*time.Hour && d%time.Hour == 0:
		return wording.Count(int(d.Hours()), "hour", "hours")
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

func formatBytes(n int64) string {
	const mi = 1 << 20
	if n < 1024*mi {
		return fmt.Sprintf("%d MiB", n/mi)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1024*mi))
}
