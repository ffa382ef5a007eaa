package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/wording"
)

// report says what became of the delivery orders of an incident that is closed: all that its report has.
func (n *diff) report(s incidentState) []string {
	lines := []string{fmt.Sprintf("Incident %s, open from %s to %s (%s).", s.ID, n.localTime(s.OpenedAt), n.localTime(s.ClosedAt), formatDuration(s.ClosedAt.Sub(s.OpenedAt)))}
	r := s.Report
	if r == nil {
		return append(lines, "See it again: reassigner incidents show "+s.ID)
	}
	if r.Moved > 0 {
		var targets []string
		for _, to := range wording.ByCount(r.Targets) {
			targets = append(targets, fmt.Sprintf("%d to %s", r.Targets[to], nameLabel(to)))
		}
		lines = append(lines, "Moved: "+joinWords(targets)+".",
			fmt.Sprintf("The first was moved after %s, the last after %s; the longest waited %s.",
				formatDuration(r.FirstAt.Sub(s.OpenedAt)), formatDuration(r.LastAt.Sub(s.OpenedAt)), formatDuration(time.Duration(r.LongestWait)*time.Second)))
	}
	if len(r.Left) > 0 {
		lines = append(lines, "Left where they were:", reasonLines(r.Left))
	}
	if len(r.NeedsPerson) > 0 {
		lines = append(lines, "Need a person:", reasonLines(r.NeedsPerson))
	}
	if r.InProgress > 0 {
		lines = append(lines, "Released before it was closed, and finished all the same: "+wording.Count(r.InProgress, "delivery order", "delivery orders")+".")
	}
	lines = append(lines, wording.Count(r.Requests, "request", "requests")+" to the platform.")
	if len(r.NeedsPerson) > 0 {
		return append(lines, "List them: reassigner orders list --incident "+s.ID+" --needs-person")
	}
	return append(lines, "See it again: reassigner incidents show "+s.ID)
}

// reportOutcome are the numbers of a report in a few words.
func reportOutcome(r *journal.Report) string {
	if r == nil || r.IsEmpty() {
		return "no delivery order was found there"
	}
	return outcomeText(r.Moved, wording.Sum(r.Left), wording.Sum(r.NeedsPerson), r.InProgress)
}

// tallyOutcome are the numbers of an incident that goes on, in a few words.
func tallyOutcome(t journal.Tally) string {
	return outcomeText(t.States[journal.Reassigned], t.States[journal.Left], t.States[journal.NeedsPerson], t.InProgress())
}

func outcomeText(moved, left, persons, underWay int) string {
	parts := []string{fmt.Sprintf("%d moved", moved)}
	if left > 0 {
		parts = append(parts, fmt.Sprintf("%d left", left))
	}
	if persons > 0 {
		parts = append(parts, wording.Count(persons, "needs a person", "need a person"))
	}
	if underWay > 0 {
		parts = append(parts, fmt.Sprintf("%d still under way", underWay))
	}
	return strings.Join(parts, ", ")
}

// closedByText names the operator who closed an incident whose location is not known to work.
func closedByText(s incidentState) string {
	if s.LiftedBy == "" || !s.RecoveredAt.IsZero() {
		return ""
	}
	if s.IsOfOperator() {
		return " (opened by hand, closed by " + s.LiftedBy + ")"
	}
	return " (stopped, closed by " + s.LiftedBy + ")"
}

// closedReason says why an incident is over: its location works again, or an operator lifted its stop.
func closedReason(s incidentState) string {
	if closedByText(s) != "" && s.IsOfOperator() {
		return "The incident of " + s.locationLabel() + ", opened by hand, was closed by " + s.LiftedBy
	}
	if closedByText(s) != "" {
		return "The stopped incident of " + s.locationLabel() + " was closed by " + s.LiftedBy
	}
	return s.locationLabel() + " works again, the incident is closed"
}

// closedList says why several incidents are over.
func closedList(about []incidentState) string {
	if slices.ContainsFunc(about, func(s incidentState) bool { return closedByText(s) != "" }) {
		return fmt.Sprintf("%d incidents are closed", len(about))
	}
	return locationsLabel(about) + " work again, their incidents are closed"
}
