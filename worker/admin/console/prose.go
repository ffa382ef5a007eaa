package console

import (
	"html/template"
	"time"

	"happycolis-reassigner/worker/wording"
)

// proseHTML is a text, as of a gate or a history, whose moments scripts show in the reader's time zone.
func proseHTML(text string) template.HTML {
	return template.HTML(wording.ReplaceTimes(template.HTMLEscapeString(text), func(at time.Time) string { return string(timeHTML(at)) }))
}
