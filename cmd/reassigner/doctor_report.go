package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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

func (r *report) print(w io.Writer, p painter) {
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
			fmt.Fprintf(w, "\n%s\n", section)
		}
		title := f.title(several)
		fmt.Fprintf(w, "  %s%s %s%s ", p.paint(colours[f.Verdict], labels[f.Verdict]), pad(labels[f.Verdict], 5), title, pad(title, width))
		hang(w, f.Saw, 2+5+1+width+1)
		if f.Do != "" {
			fmt.Fprint(w, "        -> ")
			hang(w, f.Do, 8+3)
		}
	}
	r.printWebhooks(w)
	fmt.Fprintln(w, "\n"+r.sum(p))
}

// hang prints a text that begins in that column. On a terminal its further lines begin there too, unless that
// leaves too little room for a sentence.
func hang(w io.Writer, text string, column int) {
	room := widthOf(w) - column
	if room < sentenceLeast {
		fmt.Fprintln(w, text)
		return
	}
	fmt.Fprintln(w, strings.Join(broken(text, room, ""), "\n"+strings.Repeat(" ", column)))
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

func (r *report) printWebhooks(w io.Writer) {
	if len(r.Webhooks) == 0 {
		return
	}
	fmt.Fprintf(w, "\nWebhooks to register, one subscription a type, all to\n  %s\n", r.Webhooks[0].EndPoint)
	why := ""
	for _, s := range r.Webhooks {
		if s.Why != why {
			why = s.Why
			fmt.Fprintf(w, "  %s\n", why)
		}
		fmt.Fprintf(w, "    %s\n", s.Type)
	}
	fmt.Fprintf(w, "With an Integration App token and the scope edit_integrations, for each type:\n  %s\n", r.Webhooks[0].Mutation)
}

func (r *report) sum(p painter) string {
	count := map[verdict]int{}
	for _, f := range r.Checks {
		count[f.Verdict]++
	}
	look := ""
	if n := count[warned]; n > 0 {
		look = fmt.Sprintf(" %s deserve%s a look.", plural(n, "check"), map[bool]string{true: "s"}[n == 1])
	}
	if r.Holds {
		return p.paint(green, "Nothing here would stop a drain.") + look
	}
	return p.paint(red, plural(count[failing], "check")+" would stop a drain, or lose what it knows.") + look
}
