package doctor

import (
	"fmt"
	"unicode/utf8"

	"happycolis-reassigner/cmd/internal/terminal"
)

// Severity says how bad a result is.
type Severity string

// The severities; programs rely on their values.
const (
	Passed  Severity = "ok"
	Warning Severity = "warn"    // works, but somebody should look at it
	Failed  Severity = "fail"    // would stop a drain, or lose data
	Unknown Severity = "unknown" // cannot be checked from here
)

// Result is the result of one check: what was checked, what was found, and what to do about it.
type Result struct {
	Section      string   `json:"section"`
	Check        string   `json:"check"`
	Organization string   `json:"organization,omitempty"`
	Severity     Severity `json:"result"`
	Saw          string   `json:"saw"`
	Do           string   `json:"do,omitempty"`
}

// Subscription is a webhook to register.
type Subscription struct {
	Type     string `json:"type"`
	Why      string `json:"why"`
	EndPoint string `json:"end_point"`
	Mutation string `json:"mutation"`
}

// Report is the whole examination.
type Report struct {
	Holds    bool           `json:"holds"` // nothing was found that would stop a drain
	Checks   []Result       `json:"checks"`
	Webhooks []Subscription `json:"webhooks"`
}

// Print prints it for people.
func (r *Report) Print(w *terminal.Output, p terminal.Painter) {
	colours := map[Severity]string{Passed: terminal.Green, Warning: terminal.Yellow, Failed: terminal.Red, Unknown: terminal.Dim}
	labels := map[Severity]string{Passed: "ok", Warning: "warn", Failed: "FAIL", Unknown: "?"}
	width, section := 0, ""
	several := r.hasSeveralOrganizations()
	for _, f := range r.Checks {
		width = max(width, utf8.RuneCountInString(f.title(several)))
	}
	for _, f := range r.Checks {
		if f.Section != section {
			section = f.Section
			w.Printf("\n%s\n", section)
		}
		title := f.title(several)
		w.Printf("  %s%s %s%s ", p.Paint(colours[f.Severity], labels[f.Severity]), terminal.Padding(labels[f.Severity], 5), title, terminal.Padding(title, width))
		w.PrintIndented(f.Saw, 2+5+1+width+1)
		if f.Do != "" {
			w.Printf("        -> ")
			w.PrintIndented(f.Do, 8+3)
		}
	}
	r.printWebhooks(w)
	w.Println()
	w.Println(r.summary(p))
}

// title is the check, with its organization where there are several.
func (f Result) title(several bool) string {
	if f.Organization == "" || !several {
		return f.Check
	}
	return f.Check + " of " + f.Organization
}

// hasSeveralOrganizations reports whether more than one organization was looked at.
func (r *Report) hasSeveralOrganizations() bool {
	seen := map[string]bool{}
	for _, f := range r.Checks {
		if f.Organization != "" {
			seen[f.Organization] = true
		}
	}
	return len(seen) > 1
}

func (r *Report) printWebhooks(w *terminal.Output) {
	if len(r.Webhooks) == 0 {
		return
	}
	w.Printf("\nWebhooks to register, one subscription a type, all to\n  %s\n", r.Webhooks[0].EndPoint)
	why := ""
	for _, s := range r.Webhooks {
		if s.Why != why {
			why = s.Why
			w.Printf("  %s\n", why)
		}
		w.Printf("    %s\n", s.Type)
	}
	w.Println("Let it be done, with an Integration App token or the scope edit_integrations:")
	w.Println("  reassigner webhooks register --config FILE --public-url URL")
	w.Printf("or, for each type:\n  %s\n", r.Webhooks[0].Mutation)
}

func (r *Report) summary(p terminal.Painter) terminal.Painted {
	count := map[Severity]int{}
	for _, f := range r.Checks {
		count[f.Severity]++
	}
	look := ""
	if n := count[Warning]; n > 0 {
		look = fmt.Sprintf(" %s deserve%s a look.", terminal.Plural(n, "check"), map[bool]string{true: "s"}[n == 1])
	}
	if r.Holds {
		return p.Paint(terminal.Green, "Nothing here would stop a drain.") + terminal.Painted(look)
	}
	return p.Paint(terminal.Red, terminal.Plural(count[Failed], "check")+" would stop a drain, or lose what it knows.") + terminal.Painted(look)
}
