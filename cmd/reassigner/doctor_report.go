package main

import (
	"fmt"
	"unicode/utf8"

	"happycolis-reassigner/cmd/internal/terminal"
)

// verdict is what a check came to.
type verdict string

const (
	fine    verdict = "ok"
	warned  verdict = "warn"    // works, and should be looked at
	failing verdict = "fail"    // would stop a drain, or lose what it knows
	unknown verdict = "unknown" // cannot be seen from here
)

// finding is one check: what was looked at, what was seen, and what to do about it.
type finding struct {
	Section      string  `json:"section"`
	Check        string  `json:"check"`
	Organization string  `json:"organization,omitempty"`
	Verdict      verdict `json:"result"`
	Saw          string  `json:"saw"`
	Do           string  `json:"do,omitempty"`
}

// subscription is a webhook to register.
type subscription struct {
	Type     string `json:"type"`
	Why      string `json:"why"`
	EndPoint string `json:"end_point"`
	Mutation string `json:"mutation"`
}

// report is the whole examination.
type report struct {
	Holds    bool           `json:"holds"` // nothing would stop a drain
	Checks   []finding      `json:"checks"`
	Webhooks []subscription `json:"webhooks"`
}

func (r *report) print(w *terminal.Output, p terminal.Painter) {
	colours := map[verdict]string{fine: terminal.Green, warned: terminal.Yellow, failing: terminal.Red, unknown: terminal.Dim}
	labels := map[verdict]string{fine: "ok", warned: "warn", failing: "FAIL", unknown: "?"}
	width, section := 0, ""
	several := r.several()
	for _, f := range r.Checks {
		width = max(width, utf8.RuneCountInString(f.title(several)))
	}
	for _, f := range r.Checks {
		if f.Section != section {
			section = f.Section
			w.Printf("\n%s\n", section)
		}
		title := f.title(several)
		w.Printf("  %s%s %s%s ", p.Paint(colours[f.Verdict], labels[f.Verdict]), terminal.Padding(labels[f.Verdict], 5), title, terminal.Padding(title, width))
		w.PrintIndented(f.Saw, 2+5+1+width+1)
		if f.Do != "" {
			w.Printf("        -> ")
			w.PrintIndented(f.Do, 8+3)
		}
	}
	r.printWebhooks(w)
	w.Println()
	w.Println(r.sum(p))
}

// title is the check, with its organization where there are several.
func (f finding) title(several bool) string {
	if f.Organization == "" || !several {
		return f.Check
	}
	return f.Check + " of " + f.Organization
}

// several reports whether more than one organization was looked at.
func (r *report) several() bool {
	seen := map[string]bool{}
	for _, f := range r.Checks {
		if f.Organization != "" {
			seen[f.Organization] = true
		}
	}
	return len(seen) > 1
}

func (r *report) printWebhooks(w *terminal.Output) {
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
	w.Printf("With an Integration App token and the scope edit_integrations, for each type:\n  %s\n", r.Webhooks[0].Mutation)
}

func (r *report) sum(p terminal.Painter) terminal.Painted {
	count := map[verdict]int{}
	for _, f := range r.Checks {
		count[f.Verdict]++
	}
	look := ""
	if n := count[warned]; n > 0 {
		look = fmt.Sprintf(" %s deserve%s a look.", terminal.Plural(n, "check"), map[bool]string{true: "s"}[n == 1])
	}
	if r.Holds {
		return p.Paint(terminal.Green, "Nothing here would stop a drain.") + terminal.Painted(look)
	}
	return p.Paint(terminal.Red, terminal.Plural(count[failing], "check")+" would stop a drain, or lose what it knows.") + terminal.Painted(look)
}
