package wording

import (
	"regexp"
	"time"
)

// utcTime is a moment as programs write it, in UTC.
var utcTime = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// ReplaceTimes writes each moment in a text, as a gate or a history has it, as people read it.
func ReplaceTimes(text string, format func(time.Time) string) string {
	return utcTime.ReplaceAllStringFunc(text, func(found string) string {
		at, err := time.Parse(time.RFC3339, found)
		if err != nil {
			return found
		}
		return format(at)
	})
}
