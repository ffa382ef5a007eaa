package alert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// Message is what a person reads. The title is its first line, and says what and where; what to do follows,
// with the exact command; then the link.
type Message struct {
	Title  string
	Text   string // begins with the title
	Urgent bool
}

// linesMost bounds the lines of a list in a message; the rest is counted.
const linesMost = 15

// place is how a person calls the location of an incident.
func (s subject) place() string { return plaintext.Printable(s.location()) }

func (s subject) location() string { return cmp.Or(s.Location, s.LocationID) }

// word is the location of an incident as an argument of a command.
func (s subject) word() string { return plaintext.ShellWord(s.location()) }

// message puts the parts of a message together. Parts that are "" are left out.
func (v view) message(title string, parts ...string) Message {
	if v.several && v.organization != "" {
		title = v.organization + ": " + title
	}
	title = plaintext.Printable(title)
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	text := plaintext.EscapeHidden([]byte(strings.Join(append([]string{title}, parts...), "\n")))
	return Message{Title: title, Text: string(text)}
}

// link names the page of one incident, or of all.
func (n *comparison) link(about []subject) string {
	switch {
	case n.Console == "":
		return ""
	case len(about) == 1:
		return strings.TrimSuffix(n.Console, "/") + "/incidents/" + about[0].ID
	}
	return strings.TrimSuffix(n.Console, "/") + "/"
}

// each is one line for each incident.
func each(about []subject, line func(subject) string) string {
	var lines []string
	for _, s := range about[:min(len(about), linesMost)] {
		lines = append(lines, "- "+line(s))
	}
	if rest := len(about) - linesMost; rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	return strings.Join(lines, "\n")
}

// where names one location, or how many there are.
func where(about []subject) string {
	if len(about) == 1 {
		return about[0].place()
	}
	return fmt.Sprintf("%d locations", len(about))
}

// stageText says how far incidents are, that have come as far in the same window.
func (n *comparison) stageText(at stage, about []subject) Message {
	if len(about) > 1 {
		return n.stageList(at, about)
	}
	s := about[0]
	if n.entries[s.ID].Stage == at && at != blocked {
		return n.message(s.place()+": delivery orders may be missing, the index is incomplete", "Incident "+s.ID+", opened "+n.when(s.OpenedAt)+".",
			n.shortAdvice(about), n.link(about))
	}
	e := n.entries[s.ID]
	title, do := n.stageLine(at, s, e), n.stageAdvice(at, s, e)
	return n.message(title, append(do, n.shortAdvice(about), n.link(about))...)
}

// stageLine says in one line how far one incident is.
func (n *comparison) stageLine(at stage, s subject, e told) string {
	first := e.Stage == ""
	switch at {
	case blocked:
		return failed(s, first) + " is blocked by the gate " + s.gate().Gate + ": nothing new begins"
	case approval:
		return failed(s, first) + " waits for approval: nothing moves until somebody approves"
	case unconfirmed:
		return s.place() + " is said to have failed, and cannot be read: nothing moves"
	case moving:
		if first || e.Stage == unconfirmed {
			return s.place() + " failed: its delivery orders are handed over"
		}
		return s.place() + " goes on: its delivery orders are handed over"
	case stopped:
		return "The incident of " + s.place() + " was stopped: nothing new begins"
	case dismissed:
		return s.place() + " works: it was a false alarm"
	default:
		return closedBy(s) + ": " + outcome(s.Report)
	}
}

// failed names the location of an incident, and that it failed where nobody was told before.
func failed(s subject, first bool) string {
	if first {
		return s.place() + " failed and"
	}
	return "The incident of " + s.place()
}

// stageAdvice says what is known of one incident and what to do.
func (n *comparison) stageAdvice(at stage, s subject, e told) []string {
	opened := fmt.Sprintf("Incident %s, opened %s.", s.ID, n.when(s.OpenedAt))
	show := "Follow it: reassigner incidents show " + s.ID
	switch at {
	case blocked:
		return append([]string{opened, "The gate saw: " + plaintext.Printable(s.gate().Detail) + "."}, gateAdvice(s)...)
	case approval:
		return []string{opened, "Why: " + unpassed(s) + ".",
			"Look first: reassigner plan --location " + s.word(),
			"Approve: reassigner incidents approve " + s.ID + ` --reason "WHY"`}
	case unconfirmed:
		return []string{opened, "The platform does not answer, or refuses to show the location. It is asked again by itself.",
			"See why: reassigner incidents show " + s.ID}
	case moving:
		if e.Stage == approval && s.ApprovedBy != "" {
			return []string{opened, "Approved by " + s.ApprovedBy + ".", show}
		}
		sofar := ""
		if s.tally.Sum() > 0 {
			sofar = "So far: " + totals(s.tally) + "."
		}
		return []string{opened, sofar, "Nothing to do now: what needs a person, and the end of it, will be told.", show}
	case stopped:
		return []string{opened, "What was released is finished; the location stays held until it works again.",
			"See what is still in the air: reassigner incidents show " + s.ID,
			"Give the location free: reassigner incidents unblock " + s.ID + ` --reason "WHY"`}
	case dismissed:
		return []string{opened, "Nothing was moved."}
	default:
		return n.report(s)
	}
}

// gateAdvice says what a person does about the gates that hold an incident back.
func gateAdvice(s subject) []string {
	look := "Look: reassigner incidents show " + s.ID
	var advice []string
	switch gate := s.gate(); {
	case gate.Gate == "pause":
		advice = []string{"It goes on once the pause is lifted: reassigner resume --location " + s.word() + ` --reason "WHY"`,
			`or, if everything is paused: reassigner resume --reason "WHY"`}
	case gate.Waivable:
		advice = []string{look, "If it should go on all the same: reassigner incidents unblock " + s.ID + ` --reason "WHY"`}
	default:
		advice = []string{"Somebody changed the integration: look at it in HappyColis. The incident goes on by itself if it reads ERROR, and ends by itself if the former one reads ACTIVE.", look}
	}
	for _, besides := range s.blocking[min(1, len(s.blocking)):] {
		advice = append(advice, "It is held besides by "+plaintext.Printable(besides.Explain())+".")
	}
	return advice
}

// unpassed says what the gates saw that hold an incident back.
func unpassed(s subject) string {
	var saw []string
	for _, h := range s.blocking {
		saw = append(saw, h.Gate+": "+plaintext.Printable(h.Detail))
	}
	return strings.Join(saw, "; ")
}

// stageList says how far several incidents are.
func (n *comparison) stageList(at stage, about []subject) Message {
	count := fmt.Sprintf("%d locations", len(about))
	title := map[stage]string{
		blocked:     count + " failed and are blocked: nothing new begins",
		approval:    count + " failed and wait for approval: nothing moves until somebody approves",
		unconfirmed: count + " are said to have failed, and cannot be read: nothing moves",
		moving:      count + " failed: their delivery orders are handed over",
		stopped:     count + " have a stopped incident: nothing new begins",
		dismissed:   count + " work: it was a false alarm",
		over:        closedList(about),
	}[at]
	list := each(about, func(s subject) string {
		line := s.place() + ": " + s.ID
		switch at {
		case blocked:
			return line + ", gate " + s.gate().Gate + " saw: " + plaintext.Printable(s.gate().Detail)
		case approval:
			return line + ", " + unpassed(s)
		case over:
			return s.place() + lift(s) + ": " + s.ID + ", " + outcome(s.Report)
		default:
			return line
		}
	})
	do := map[stage]string{
		blocked:  "When everything fails at once, look first whether the platform itself, or our access to it, is the cause.\nSee why: reassigner incidents show ID\nIf one should go on all the same: reassigner incidents unblock ID --reason \"WHY\"",
		approval: "Look first: reassigner plan --location LOCATION\nApprove each: reassigner incidents approve ID --reason \"WHY\"",
	}[at]
	return n.message(title, list, cmp.Or(do, "See one: reassigner incidents show ID"), n.shortAdvice(about), n.link(about))
}

// shortAdvice warns where the index may not know every delivery order.
func (n *comparison) shortAdvice(about []subject) string {
	short := slices.DeleteFunc(slices.Clone(about), func(s subject) bool { return !s.IndexShort })
	if len(short) == 0 {
		return ""
	}
	heard := "it has not heard a webhook yet"
	if since := short[0].IndexSince; !since.IsZero() {
		heard = "it listens since " + n.when(since)
	}
	for _, g := range short[0].Index.Gaps {
		if g.To.IsZero() {
			heard += "; webhooks come late since " + n.when(g.From)
		} else {
			heard += "; webhooks came late from " + n.when(g.From) + " to " + n.when(g.To)
		}
	}
	return "index_incomplete: delivery orders may be missing, for the index is young or has a gap (" + heard + ").\n" +
		"Import what a shop exports: reassigner import FILE"
}

// personsText says how many delivery orders need a person, and why.
func (n *comparison) personsText(about []subject) Message {
	sum, news := 0, 0
	for _, s := range about {
		sum += s.waiting().sum()
		news += s.waiting().sum() - n.entries[s.ID].Persons.sum()
	}
	count := plural(sum, "delivery order needs", "delivery orders need") + " a person"
	if news < sum {
		count += fmt.Sprintf(" (%d new)", news)
	}
	title := where(about) + ": " + count
	if len(about) > 1 {
		list := each(about, func(s subject) string {
			return fmt.Sprintf("%s (%s): %s", s.place(), s.ID, reasonWords(s.waiting()))
		})
		return n.message(title, list, "List them: reassigner orders list --needs-person", retryAdvice("INCIDENT"), n.link(about))
	}
	s := about[0]
	return n.message(title, reasonLines(s.waiting()), "List them: reassigner orders list --incident "+s.ID+" --needs-person",
		retryAdvice(s.ID), n.link(about))
}

func retryAdvice(incident string) string {
	return "Once the cause is gone: reassigner orders retry --incident " + incident + " --reason-code CODE --reason \"WHY\"\n" +
		"Where it should stay: reassigner orders leave, in the same way."
}

// urgentText names the delivery orders that two may ship, those first that were not told of yet.
func (n *comparison) urgentText(about []subject) Message {
	var fresh, known []row
	sum := 0
	for _, s := range about {
		for reason, count := range s.tally.Reasons[journal.NeedsPerson] {
			if reason.Urgent() {
				sum += count
			}
		}
		for _, r := range s.urgent {
			if slices.Contains(n.entries[s.ID].Urgent, r.deliveryOrder) {
				known = append(known, r)
			} else {
				fresh = append(fresh, r)
			}
		}
	}
	var lines []string
	for _, r := range append(fresh, known...) {
		lines = append(lines, "- "+name(r)+": "+string(r.reason)+", "+strings.TrimPrefix(r.reason.Meaning(), "URGENT: "))
	}
	lines = lines[:min(len(lines), urgentMost)]
	if rest := sum - len(lines); rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	first := plaintext.ShellWord(fresh[0].deliveryOrder)
	if plaintext.IsPlainArgument(fresh[0].order) {
		first = fresh[0].order
	}
	m := n.message("URGENT: "+where(about)+": "+plural(sum, "delivery order", "delivery orders")+" may be shipped twice",
		strings.Join(lines, "\n"),
		"Cancel one of the two in HappyColis, now. Both are named by: reassigner orders show "+first,
		"Then close the row: reassigner orders leave "+first+` --reason "WHY"`, n.link(about))
	m.Urgent = true
	return m
}

// name is a delivery order as a person knows it.
func name(r row) string {
	id := plaintext.Printable(r.deliveryOrder)
	if r.order == "" {
		return id
	}
	return plaintext.Printable(r.order) + " (" + id + ")"
}

// reminderText says what waits for a person.
func (n *comparison) reminderText(about []subject) Message {
	list := each(about, func(s subject) string {
		e := n.entries[s.ID]
		switch {
		case len(e.Urgent) > 0:
			return fmt.Sprintf("%s: URGENT, %s may be shipped twice. Look: reassigner orders list --incident %s --needs-person",
				s.place(), plural(len(e.Urgent), "delivery order", "delivery orders"), s.ID)
		case e.Stage == approval:
			return fmt.Sprintf(`%s waits for approval since %s. Approve: reassigner incidents approve %s --reason "WHY"`, s.place(), n.ago(e.Since), s.ID)
		default:
			return fmt.Sprintf("%s is blocked by the gate %s since %s. Look: reassigner incidents show %s", s.place(), e.Gate, n.ago(e.Since), s.ID)
		}
	})
	return n.message("Reminder: "+where(about)+" still "+map[bool]string{true: "waits", false: "wait"}[len(about) == 1]+" for a person", list, n.link(about))
}
