package terminal

import (
	"time"

	"happycolis-reassigner/worker/wording"
)

// OrDash is the text, or a dash where there is none.
func OrDash(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	return *text
}

// LocalTime writes a time in the zone of this machine, and names it.
func LocalTime(t time.Time) string { return TimeIn(t, time.Local) }

// TimeIn writes a time in a zone, and names it.
func TimeIn(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}

// Plural is "1 delivery order", "2 delivery orders".
func Plural(n int, what string) string { return wording.Count(n, what, what+"s") }

// OrElse is the text, or another where there is none.
func OrElse(text *string, otherwise string) string {
	if text == nil {
		return otherwise
	}
	return *text
}
