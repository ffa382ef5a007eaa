package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"happycolis-reassigner/worker/plaintext"
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

func (r *report) print(w *output, p painter) {
	colours := map[verdict]string{fine: green, warned: yellow, failing: red, unknown: dim}
	labels := map[verdict]string{fine: "ok", warned: "warn", failing: "FAIL", unknown: "?"}
	width, section := 0, ""
	several := r.several()
	for _, f := range r.Checks {
		width = max(width, utf8.RuneCountInString(f.title(several)))
	}
	for _, f := range r.Checks {
		if f.Section != section {
			section = f.Section
			w.printf("\n%s\n", section)
		}
		title := f.title(several)
		w.printf("  %s%s %s%s ", p.paint(colours[f.Verdict], labels[f.Verdict]), pad(labels[f.Verdict], 5), title, pad(title, width))
		hang(w, f.Saw, 2+5+1+width+1)
		if f.Do != "" {
			w.printf("        -> ")
			hang(w, f.Do, 8+3)
		}
	}
	r.printWebhooks(w)
	w.println()
	w.println(r.sum(p))
}

// hang prints a text that begins in that column. On a terminal its further lines begin there too, unless that
// leaves too little room for a sentence.
func hang(w *output, text string, column int) {
	text = plaintext.Printable(text)
	if room := w.width() - column; room >= sentenceLeast {
		text = strings.Join(broken(text, room, ""), "\n"+strings.Repeat(" ", column))
	}
	w.print(text + "\n")
}

func pad(text string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
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

func (r *report) printWebhooks(w *output) {
	if len(r.Webhooks) == 0 {
		return
	}
	w.printf("\nWebhooks to register, one subscription a type, all to\n  %s\n", r.Webhooks[0].EndPoint)
	why := ""
	for _, s := range r.Webhooks {
		if s.Why != why {
			why = s.Why
			w.printf("  %s\n", why)
		}
		w.printf("    %s\n", s.Type)
	}
	w.printf("With an Integration App token and the scope edit_integrations, for each type:\n  %s\n", r.Webhooks[0].Mutation)
}

func (r *report) sum(p painter) painted {
	count := map[verdict]int{}
	for _, f := range r.Checks {
		count[f.Verdict]++
	}
	look := ""
	if n := count[warned]; n > 0 {
		look = fmt.Sprintf(" %s deserve%s a look.", plural(n, "check"), map[bool]string{true: "s"}[n == 1])
	}
	if r.Holds {
		return p.paint(green, "Nothing here would stop a drain.") + painted(look)
	}
	return p.paint(red, plural(count[failing], "check")+" would stop a drain, or lose what it knows.") + painted(look)
}
