package console

import (
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

// parsePages parses the template of each page together with the frame.
func parsePages(prefix string) map[string]*template.Template {
	words := template.FuncMap{
		"n": formatThousands, "when": timeHTML, "prose": proseHTML, "ago": agoHTML, "stateWord": stateWord, "stateTone": stateTone,
		"incidentWord": incidentWord, "incidentTone": incidentTone, "stepWord": stepWord, "verdictTone": verdictTone,
		"plural": plural, "short": shortID, "text": textOf, "verb": verbLabel, "sentence": toSentence, "many": stateCountText,
		"words":   func(name string) string { return strings.ReplaceAll(name, "_", " ") },
		"between": func(from, to time.Time) string { return durationOrDash(to.Sub(from), !to.IsZero()) },
		"seconds": func(s int64) string { return formatDuration(time.Duration(s) * time.Second) },
		"at":      func(t journal.Tally, state string) int { return t.States[journal.State(state)] },
	}
	base := template.New("").Funcs(words)
	for _, name := range []string{"frame", "parts"} {
		base = parseTemplate(base, name, prefix)
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"overview", "incidents", "incident", "planrows", "orders", "order", "find", "parked", "policy", "audit", "confirm", "done", "error", "login"} {
		pages[name] = parseTemplate(template.Must(base.Clone()), name, prefix)
	}
	return pages
}

// parseTemplate adds a file to the templates. Every address in them is a path of ours, and gets the prefix here.
func parseTemplate(to *template.Template, name, prefix string) *template.Template {
	source, err := templates.ReadFile("templates/" + name + ".html")
	if err != nil {
		panic(err) // the templates are embedded: a mistake in them shows at every start
	}
	text := string(source)
	if prefix != "" {
		var put []string
		for _, attribute := range []string{` href="`, ` action="`, ` src="`} {
			for _, begin := range []string{"/", "{{"} {
				put = append(put, attribute+begin, attribute+html.EscapeString(prefix)+begin)
			}
		}
		text = strings.NewReplacer(put...).Replace(text)
	}
	return template.Must(to.Parse(text))
}

// formatThousands writes a number with thin spaces: 12 345.
func formatThousands(n int) string {
	digits := strconv.Itoa(n)
	var s strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			s.WriteString("\u202f")
		}
		s.WriteRune(d)
	}
	return s.String()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return formatThousands(n) + " " + many
}

// timeHTML formats a moment in UTC. Scripts show it in the reader's time zone.
func timeHTML(t any) template.HTML {
	at := timeOf(t)
	if at.IsZero() {
		return "–"
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" data-when>%s</time>`, at.Format(time.RFC3339), at.Format("2 Jan 2006, 15:04:05 MST")))
}

// agoHTML says how long ago a moment is. Scripts keep it up to date.
func agoHTML(t any) template.HTML {
	at := timeOf(t)
	if at.IsZero() {
		return "never"
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" data-ago title="%s">%s</time>`, at.Format(time.RFC3339), at.Format("2 Jan 2006, 15:04:05 MST"), sinceText(time.Since(at))))
}

func timeOf(t any) time.Time {
	switch t := t.(type) {
	case time.Time:
		return t.UTC()
	case *time.Time:
		if t != nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func sinceText(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "just now"
	case d < 0:
		return "just now"
	default:
		return formatDuration(d) + " ago"
	}
}

// durationOrDash formats a duration; a dash where it is not known.
func durationOrDash(d time.Duration, known bool) string {
	if !known {
		return "–"
	}
	return formatDuration(d)
}

// formatDuration formats a duration in its largest unit, or in two.
func formatDuration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		if minutes := int(d.Minutes()) % 60; minutes > 0 && d < 10*time.Hour {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), minutes)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// The tones are classes of the style sheet: they choose the colour.
const (
	toneGood   = "good"   // reassigned, working
	tonePerson = "person" // an operator has to look
	toneBad    = "bad"    // failing, refused
	toneMoving = "moving" // in progress
	toneQuiet  = "quiet"  // over, or nothing to do
)

func stateTone(s journal.State) string {
	switch s {
	case journal.Reassigned:
		return toneGood
	case journal.NeedsPerson:
		return tonePerson
	case journal.Left:
		return toneQuiet
	case journal.Pending, journal.Holding, journal.Preparing, journal.Releasing, journal.ConfirmingRelease, journal.Checking,
		journal.Sending, journal.Confirming, journal.Undoing:
	}
	return toneMoving
}

func stateWord(s journal.State) string {
	words := map[journal.State]string{
		journal.Pending: "waits for its turn", journal.Holding: "waits for a candidate", journal.Preparing: "preparing",
		journal.Releasing: "releasing", journal.ConfirmingRelease: "waits for the release", journal.Checking: "checking",
		journal.Sending: "sending", journal.Confirming: "waits for the fallback", journal.Undoing: "taking back",
		journal.Reassigned: "reassigned", journal.Left: "left", journal.NeedsPerson: "needs a person",
	}
	if word := words[s]; word != "" {
		return word
	}
	return string(s)
}

func incidentTone(s journal.IncidentState) string {
	switch s {
	case journal.Settling, journal.Draining:
		return toneMoving
	case journal.AwaitingApproval, journal.Stopped:
		return tonePerson
	case journal.Blocked:
		return toneBad
	case journal.Watching:
		return toneGood
	case journal.Closed, journal.Dismissed:
	}
	return toneQuiet
}

func incidentWord(s journal.IncidentState) string { return strings.ReplaceAll(string(s), "_", " ") }

func verdictTone(v policy.Verdict) string {
	switch v {
	case policy.Holds, policy.Matched, policy.Admitted:
		return toneGood
	case policy.Fails, policy.Fenced:
		return toneBad
	case policy.Unknown:
		return tonePerson
	case policy.NoMatch, policy.Skipped, policy.Rated:
	}
	return toneQuiet
}

// stepWord returns the words for a step of the handover.
func stepWord(step string) string {
	if word := stepWords[step]; word != "" {
		return word
	}
	return step
}

var stepWords = map[string]string{
	"": "Decide", "move": "Move the draft", "prepare": "Prepare a replacement", "release": "Release the original",
	"confirm_release": "Confirm the release", "check": "Check the whole order", "send": "Send the replacement", "confirm": "Confirm at the fallback",
}

// stateCountText says how many are in a state.
func stateCountText(n int, s journal.State) string {
	word := stateWord(s)
	if s == journal.NeedsPerson && n != 1 {
		word = "need a person"
	}
	return formatThousands(n) + " " + word
}

// toSentence makes a sentence of an error's text, with a capital letter unless it begins with a name.
func toSentence(text string) string {
	word, rest, _ := strings.Cut(text, " ")
	if plain := strings.TrimFunc(word, unicode.IsLetter) == ""; plain && word != "" {
		text = strings.ToUpper(word[:1]) + word[1:] + " " + rest
	}
	if text = strings.TrimSpace(text); text != "" && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// shortID is an id without its middle, for tables.
func shortID(id string) string {
	const most, head, tail = 16, 8, 5
	if len(id) <= most {
		return id
	}
	return id[:head] + "…" + id[len(id)-tail:]
}

// textOf returns what a pointer points to, "" if it is nil.
func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
