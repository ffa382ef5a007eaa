package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/wording"
)

// stageText says how far incidents are, that have come as far in the same window.
func (n *diff) stageText(about []incidentState) Message {
	at := n.stageOf(about[0])
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
			return beganText(s) + ": its delivery orders are handed over"
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

// beganText says why an incident was opened.
func beganText(s incidentState) string {
	if s.HasByHand() {
		return s.locationLabel() + " is emptied by hand, as " + nameLabel(s.ByHand.By) + " says (" + nameLabel(s.ByHand.Reason) + ")"
	}
	return s.locationLabel() + " failed"
}

// failedLine names the location of an incident, and that it failed where nobody was told before.
func failedLine(s incidentState, first bool) string {
	if first {
		return beganText(s) + " and"
	}
	return "The incident of " + s.locationLabel()
}

// stageAdvice says what is known of one incident and what to do.
func (n *diff) stageAdvice(at stage, s incidentState, e notified) []string {
	opened := fmt.Sprintf("Incident %s, opened %s.", s.ID, n.localTime(s.OpenedAt))
	show := "Follow it: reassigner incidents show " + s.ID
	switch at {
	case blocked:
		return append([]string{opened, stuckLine(s), "The gate saw: " + nameLabel(s.blockingGate().Detail) + "."}, n.gateAdvice(s)...)
	case approval:
		return []string{opened, stuckLine(s), "Why: " + failedGates(s) + ".",
			"Look first: reassigner plan --location " + s.locationArgument() + n.inOrganization(),
			"Approve: reassigner incidents approve " + s.ID + ` --reason "WHY"`}
	case unconfirmed:
		return []string{opened, stuckLine(s), "The platform does not answer, or refuses to show the location. It is asked again by itself.",
			"See why: reassigner incidents show " + s.ID}
	case moving:
		if e.Stage == approval && s.ApprovedBy != "" {
			return []string{opened, "Approved by " + s.ApprovedBy + ".", stuckLine(s), n.openTasks(s), show}
		}
		sofar := ""
		if s.tally.Sum() > 0 {
			sofar = "So far: " + tallyOutcome(s.tally) + "."
		}
		return []string{opened, stuckLine(s), sofar, cmp.Or(n.openTasks(s), "Nothing to do now: what needs a person, and the end of it, will be told."), show}
	case stopped:
		until := "it works again"
		if s.IsOfOperator() {
			until = "somebody unblocks the incident, whatever it reads"
		}
		return []string{opened, stuckLine(s), "What was released is finished; the location stays held until " + until + ".",
			"See what is still in the air: reassigner incidents show " + s.ID,
			"Give the location free: reassigner incidents unblock " + s.ID + ` --reason "WHY"`}
	case dismissed:
		return []string{opened, "Nothing was moved."}
	default:
		return n.report(s)
	}
}

// stuckWords says how many delivery orders are stuck at a location, moved or not approved yet.
func stuckWords(s incidentState) string {
	return wording.Count(s.inFlight, "delivery order is", "delivery orders are") + " stuck there"
}

// stuckLine is the same as a sentence. Where none is known it says so, unless numbers of what was done say it.
func stuckLine(s incidentState) string {
	switch {
	case s.inFlight > 0:
		return stuckWords(s) + "."
	case s.tally.Sum() > 0:
		return ""
	}
	return "No delivery order is known to be in flight there."
}

// openTasks says what waits for an operator at an incident that moves; "" if nothing does. That delivery orders may be
// missing is said by shortAdvice, and an operator is needed for that, too.
func (n *diff) openTasks(s incidentState) string {
	var tasks []string
	if persons := s.tally.States[journal.NeedsPerson]; persons > 0 {
		tasks = append(tasks, wording.Count(persons, "delivery order needs", "delivery orders need")+" a person: reassigner orders list --incident "+s.ID+" --needs-person")
	}
	if p := s.Plan; s.ByPlan && p != nil && p.Approved < p.Orders {
		// How many of these rows move is not known without reading them.
		tasks = append(tasks, `The rest of the plan is not approved yet: reassigner incidents approve `+s.ID+` --reason "WHY"`)
	}
	if len(tasks) == 0 && s.IndexIncomplete {
		return "What needs a person, and the end of it, will be told."
	}
	return strings.Join(tasks, "\n")
}

// gateAdvice says what an operator does about the gates that hold an incident back.
func (n *diff) gateAdvice(s incidentState) []string {
	look := "Look: reassigner incidents show " + s.ID
	var advice []string
	switch gate := s.blockingGate(); {
	case gate.Gate == "pause":
		advice = []string{"It goes on once the pause is lifted: reassigner resume --location " + s.locationArgument() + n.inOrganization() + ` --reason "WHY"`,
			"or, if everything is paused: reassigner resume" + n.inOrganization() + ` --reason "WHY"`}
	case gate.Waivable:
		advice = []string{look, "If it should go on all the same: reassigner incidents unblock " + s.ID + ` --reason "WHY"`}
	default:
		advice = []string{"Somebody changed the integration: look at it in HappyColis. The incident goes on by itself if it reads ERROR, and ends by itself if the former one reads ACTIVE.", look}
	}
	for _, besides := range s.blocking[min(1, len(s.blocking)):] {
		advice = append(advice, "It is held besides by "+nameLabel(besides.Explain())+".")
	}
	return advice
}

// failedGates says what the gates saw that hold an incident back.
func failedGates(s incidentState) string {
	var saw []string
	for _, h := range s.blocking {
		saw = append(saw, h.Gate+": "+nameLabel(h.Detail))
	}
	return strings.Join(saw, "; ")
}

// stageList says how far several incidents are.
func (n *diff) stageList(at stage, about []incidentState) Message {
	count, incidents := locationsLabel(about), fmt.Sprintf("%d incidents", len(about))
	title := map[stage]string{
		blocked:     count + " failed and are blocked: nothing new begins",
		approval:    count + " failed and wait for approval: nothing moves until somebody approves",
		unconfirmed: count + " are said to have failed, and cannot be read: nothing moves",
		moving:      count + " failed: their delivery orders are handed over",
		stopped:     count + " have a stopped incident: nothing new begins",
		dismissed:   count + " work: it was a false alarm",
		over:        closedList(about),
	}[at]
	if countLocations(about) == 1 {
		title = count + ": " + incidents + map[stage]string{
			blocked: " are blocked: nothing new begins", approval: " wait for approval: nothing moves until somebody approves",
			unconfirmed: " cannot be confirmed: nothing moves", moving: " hand their delivery orders over", stopped: " were stopped: nothing new begins",
			dismissed: " were false alarms", over: " are closed",
		}[at]
	}
	gates := commonGates(at, about)
	list := lineForEach(about, func(s incidentState) string {
		line := s.locationLabel() + ": " + s.ID
		if s.State.IsOpen() {
			line += ", " + stuckWords(s)
		}
		switch {
		case at == over:
			return s.locationLabel() + closedByText(s) + ": " + s.ID + ", " + reportOutcome(s.Report)
		case gates != "":
			return line
		case at == blocked:
			return line + ", " + blockingText(s)
		case at == approval:
			return line + ", " + failedGates(s)
		}
		return line
	})
	if gates != "" {
		gates = "At each: " + gates + "."
	}
	do := map[stage]string{
		blocked:  "When everything fails at once, look first whether the platform itself, or our access to it, is the cause.\nSee why: reassigner incidents show ID\nIf one should go on all the same: reassigner incidents unblock ID --reason \"WHY\"",
		approval: "Look first: reassigner plan --location LOCATION\nApprove each: reassigner incidents approve ID --reason \"WHY\"",
	}[at]
	return n.message(title, list, gates, cmp.Or(do, "See one: reassigner incidents show ID"), n.shortAdvice(about), n.link(about))
}

// blockingText says which gate blocks an incident, and what it saw.
func blockingText(s incidentState) string {
	return "gate " + s.blockingGate().Gate + " saw: " + nameLabel(s.blockingGate().Detail)
}

// commonGates is what holds each of several incidents back, in the same words; "" where it differs.
func commonGates(at stage, about []incidentState) string {
	text := map[stage]func(incidentState) string{blocked: blockingText, approval: failedGates}[at]
	if text == nil || slices.ContainsFunc(about, func(s incidentState) bool { return text(s) != text(about[0]) }) {
		return ""
	}
	return text(about[0])
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
		"Import what a shop exports: reassigner import FILE" + n.inOrganization()
}
