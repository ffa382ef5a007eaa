package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
	"happycolis-reassigner/worker/wording"
)

// Message is what an operator reads. The title is its first line, and says what and where; what to do follows,
// with the exact command; then the link.
type Message struct {
	Title  string
	Text   string // begins with the title
	Urgent bool
}

// maxLines bounds the lines of a list in a message; the rest is counted.
const maxLines = 15

// locationLabel is how an operator calls the location of an incident.
func (s incidentState) locationLabel() string { return plaintext.Printable(s.location()) }

func (s incidentState) location() string { return cmp.Or(s.Location, s.LocationID) }

// locationArgument is the location of an incident as an argument of a command.
func (s incidentState) locationArgument() string { return plaintext.ShellWord(s.location()) }

// message puts the parts of a message together. Parts that are "" are left out.
func (v snapshot) message(title string, parts ...string) Message {
	if v.several && v.organization != "" {
		title = v.organization + ": " + title
	}
	title = plaintext.Printable(title)
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	text := plaintext.EscapeHidden([]byte(strings.Join(append([]string{title}, parts...), "\n")))
	return Message{Title: title, Text: string(text)}
}

// link names the page of one incident, or of all.
func (n *diff) link(about []incidentState) string {
	switch {
	case n.Console == "":
		return ""
	case len(about) == 1:
		return strings.TrimSuffix(n.Console, "/") + "/incidents/" + about[0].ID
	}
	return strings.TrimSuffix(n.Console, "/") + "/"
}

// lineForEach is one line for each incident.
func lineForEach(about []incidentState, line func(incidentState) string) string {
	var lines []string
	for _, s := range about[:min(len(about), maxLines)] {
		lines = append(lines, "- "+line(s))
	}
	if rest := len(about) - maxLines; rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	return strings.Join(lines, "\n")
}

// locationsLabel names one location, or how many there are.
func locationsLabel(about []incidentState) string {
	if len(about) == 1 {
		return about[0].locationLabel()
	}
	return fmt.Sprintf("%d locations", len(about))
}

// stageText says how far incidents are, that have come as far in the same window.
func (n *diff) stageText(at stage, about []incidentState) Message {
	if len(about) > 1 {
		return n.stageList(at, about)
	}
	s := about[0]
	if n.entries[s.ID].Stage == at && at != blocked {
		return n.message(s.locationLabel()+": delivery orders may be missing, the index is incomplete", "Incident "+s.ID+", opened "+n.localTime(s.OpenedAt)+".",
			n.shortAdvice(about), n.link(about))
	}
	e := n.entries[s.ID]
	title, do := n.stageLine(at, s, e), n.stageAdvice(at, s, e)
	return n.message(title, append(do, n.shortAdvice(about), n.link(about))...)
}

// stageLine says in one line how far one incident is.
func (n *diff) stageLine(at stage, s incidentState, e notified) string {
	first := e.Stage == ""
	switch at {
	case blocked:
		return failedLine(s, first) + " is blocked by the gate " + s.blockingGate().Gate + ": nothing new begins"
	case approval:
		return failedLine(s, first) + " waits for approval: nothing moves until somebody approves"
	case unconfirmed:
		return s.locationLabel() + " is said to have failed, and cannot be read: nothing moves"
	case moving:
		if first || e.Stage == unconfirmed {
			return s.locationLabel() + " failed: its delivery orders are handed over"
		}
		return s.locationLabel() + " goes on: its delivery orders are handed over"
	case stopped:
		return "The incident of " + s.locationLabel() + " was stopped: nothing new begins"
	case dismissed:
		return s.locationLabel() + " works: it was a false alarm"
	default:
		return closedReason(s) + ": " + reportOutcome(s.Report)
	}
}

// failedLine names the location of an incident, and that it failed where nobody was told before.
func failedLine(s incidentState, first bool) string {
	if first {
		return s.locationLabel() + " failed and"
	}
	return "The incident of " + s.locationLabel()
}

// stageAdvice says what is known of one incident and what to do.
func (n *diff) stageAdvice(at stage, s incidentState, e notified) []string {
	opened := fmt.Sprintf("Incident %s, opened %s.", s.ID, n.localTime(s.OpenedAt))
	show := "Follow it: reassigner incidents show " + s.ID
	switch at {
	case blocked:
		return append([]string{opened, "The gate saw: " + plaintext.Printable(s.blockingGate().Detail) + "."}, gateAdvice(s)...)
	case approval:
		return []string{opened, "Why: " + failedGates(s) + ".",
			"Look first: reassigner plan --location " + s.locationArgument(),
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
			sofar = "So far: " + tallyOutcome(s.tally) + "."
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

// gateAdvice says what an operator does about the gates that hold an incident back.
func gateAdvice(s incidentState) []string {
	look := "Look: reassigner incidents show " + s.ID
	var advice []string
	switch gate := s.blockingGate(); {
	case gate.Gate == "pause":
		advice = []string{"It goes on once the pause is lifted: reassigner resume --location " + s.locationArgument() + ` --reason "WHY"`,
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

// failedGates says what the gates saw that hold an incident back.
func failedGates(s incidentState) string {
	var saw []string
	for _, h := range s.blocking {
		saw = append(saw, h.Gate+": "+plaintext.Printable(h.Detail))
	}
	return strings.Join(saw, "; ")
}

// stageList says how far several incidents are.
func (n *diff) stageList(at stage, about []incidentState) Message {
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
	list := lineForEach(about, func(s incidentState) string {
		line := s.locationLabel() + ": " + s.ID
		switch at {
		case blocked:
			return line + ", gate " + s.blockingGate().Gate + " saw: " + plaintext.Printable(s.blockingGate().Detail)
		case approval:
			return line + ", " + failedGates(s)
		case over:
			return s.locationLabel() + closedByText(s) + ": " + s.ID + ", " + reportOutcome(s.Report)
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
func (n *diff) shortAdvice(about []incidentState) string {
	short := slices.DeleteFunc(slices.Clone(about), func(s incidentState) bool { return !s.IndexIncomplete })
	if len(short) == 0 {
		return ""
	}
	heard := "it has not heard a webhook yet"
	if since := short[0].IndexSince; !since.IsZero() {
		heard = "it listens since " + n.localTime(since)
	}
	for _, g := range short[0].Index.Gaps {
		if g.To.IsZero() {
			heard += "; webhooks come late since " + n.localTime(g.From)
		} else {
			heard += "; webhooks came late from " + n.localTime(g.From) + " to " + n.localTime(g.To)
		}
	}
	return "index_incomplete: delivery orders may be missing, for the index is young or has a gap (" + heard + ").\n" +
		"Import what a shop exports: reassigner import FILE"
}

// needsPersonText says how many delivery orders need an operator, and why.
func (n *diff) needsPersonText(about []incidentState) Message {
	sum, news := 0, 0
	for _, s := range about {
		sum += s.countNeedsPerson().sum()
		news += s.countNeedsPerson().sum() - n.entries[s.ID].NeedsPerson.sum()
	}
	count := wording.Count(sum, "delivery order needs", "delivery orders need") + " a person"
	if news < sum {
		count += fmt.Sprintf(" (%d new)", news)
	}
	title := locationsLabel(about) + ": " + count
	if len(about) > 1 {
		list := lineForEach(about, func(s incidentState) string {
			return fmt.Sprintf("%s (%s): %s", s.locationLabel(), s.ID, reasonWords(s.countNeedsPerson()))
		})
		return n.message(title, list, "List them: reassigner orders list --needs-person", retryAdvice("INCIDENT"), n.link(about))
	}
	s := about[0]
	return n.message(title, reasonLines(s.countNeedsPerson()), "List them: reassigner orders list --incident "+s.ID+" --needs-person",
		retryAdvice(s.ID), n.link(about))
}

func retryAdvice(incident string) string {
	return "Once the cause is gone: reassigner orders retry --incident " + incident + " --reason-code CODE --reason \"WHY\"\n" +
		"Where it should stay: reassigner orders leave, in the same way."
}

// urgentText names the delivery orders that two may ship, those first that were not told of yet.
func (n *diff) urgentText(about []incidentState) Message {
	var fresh, known []row
	sum := 0
	for _, s := range about {
		for reason, count := range s.tally.Reasons[journal.NeedsPerson] {
			if reason.IsUrgent() {
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
		lines = append(lines, "- "+orderLabel(r)+": "+string(r.reason)+", "+strings.TrimPrefix(r.reason.Meaning(), "URGENT: "))
	}
	lines = lines[:min(len(lines), maxUrgent)]
	if rest := sum - len(lines); rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	first := plaintext.ShellWord(fresh[0].deliveryOrder)
	if plaintext.IsPlainArgument(fresh[0].order) {
		first = fresh[0].order
	}
	m := n.message("URGENT: "+locationsLabel(about)+": "+wording.Count(sum, "delivery order", "delivery orders")+" may be shipped twice",
		strings.Join(lines, "\n"),
		"Cancel one of the two in HappyColis, now. Both are named by: reassigner orders show "+first,
		"Then close the row: reassigner orders leave "+first+` --reason "WHY"`, n.link(about))
	m.Urgent = true
	return m
}

// orderLabel is a delivery order as an operator knows it.
func orderLabel(r row) string {
	id := plaintext.Printable(r.deliveryOrder)
	if r.order == "" {
		return id
	}
	return plaintext.Printable(r.order) + " (" + id + ")"
}

// reminderText says what waits for an operator.
func (n *diff) reminderText(about []incidentState) Message {
	list := lineForEach(about, func(s incidentState) string {
		e := n.entries[s.ID]
		switch {
		case len(e.Urgent) > 0:
			return fmt.Sprintf("%s: URGENT, %s may be shipped twice. Look: reassigner orders list --incident %s --needs-person",
				s.locationLabel(), wording.Count(len(e.Urgent), "delivery order", "delivery orders"), s.ID)
		case e.Stage == approval:
			return fmt.Sprintf(`%s waits for approval since %s. Approve: reassigner incidents approve %s --reason "WHY"`, s.locationLabel(), n.timeAgo(e.Since), s.ID)
		default:
			return fmt.Sprintf("%s is blocked by the gate %s since %s. Look: reassigner incidents show %s", s.locationLabel(), e.Gate, n.timeAgo(e.Since), s.ID)
		}
	})
	return n.message("Reminder: "+locationsLabel(about)+" still "+map[bool]string{true: "waits", false: "wait"}[len(about) == 1]+" for a person", list, n.link(about))
}
