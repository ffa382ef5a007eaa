package policy

import (
	"fmt"
	"strings"
)

// Explain tells the decision and its trace to people, one sentence a line: the outcome
// first, then each rule looked at, with its candidates.
func (d Decision) Explain() []string {
	lines := []string{d.sentence()}
	for _, rule := range d.Trace {
		lines = append(lines, rule.sentence())
		for _, c := range rule.Candidates {
			lines = append(lines, c.sentence())
		}
	}
	if d.Rule == DefaultRule {
		lines = append(lines, "No rule matches, so the default decides.")
	}
	if n := len(d.Trace); d.Reason == ReasonNoCandidate && n > 0 && d.Trace[n-1].Rule != d.Rule {
		lines = append(lines, fmt.Sprintf("Rule %q admits no candidate, and no rule after it names another one.", d.Rule))
	}
	return lines
}

func (d Decision) sentence() string {
	subject := "The delivery order"
	if d.DeliveryOrder != "" {
		subject = "Delivery order " + d.DeliveryOrder
	}
	by := fmt.Sprintf("by policy %s", d.Revision)
	switch {
	case d.Outcome == Reassign:
		var to []string
		for _, c := range d.Candidates {
			to = append(to, c.String())
		}
		return fmt.Sprintf("%s goes to %s, %s.", subject, strings.Join(to, ", else to "), by)
	case d.Outcome == Leave:
		return fmt.Sprintf("%s stays where it is (%s), %s.", subject, d.Reason, by)
	case d.Suspects:
		return fmt.Sprintf("%s waits until it is clear whether %s failed too, and needs a person (%s) if so, %s.", subject, eitherOf(d.Suspected()), d.Reason, by)
	case d.Wait:
		return fmt.Sprintf("%s waits for capacity of %s, and needs a person (%s) if that takes too long, %s.", subject, eitherOf(d.Full()), d.Reason, by)
	default:
		return fmt.Sprintf("%s needs a person (%s), %s.", subject, d.Reason, by)
	}
}

// String is the slug, or the id of a candidate without one.
func (r Ranked) String() string {
	if r.Slug == "" {
		return r.ID
	}
	return r.Slug
}

func (t RuleTrace) sentence() string {
	says := map[Verdict]string{
		Matched: "matches",
		NoMatch: "does not match",
		Unknown: "may match or not, so a person decides",
		Skipped: "may match or not, so it is skipped as it says",
	}[t.Verdict]
	return fmt.Sprintf("Rule %q %s%s.", t.Rule, says, joinClauses(t.Checks))
}

func (t CandidateTrace) sentence() string {
	says, checks := "is admitted", t.Checks
	if t.Verdict == Fenced {
		says, checks = "is refused", nil
		for _, c := range t.Checks {
			if c.Verdict != Holds {
				checks = append(checks, c)
			}
		}
	}
	name := t.Name
	if t.Slug != "" {
		name = fmt.Sprintf("%s (%s)", t.Name, t.Slug)
	}
	return fmt.Sprintf("Candidate %s %s%s.", name, says, joinClauses(checks))
}

// joinClauses are the checks, after a colon if there are any.
func joinClauses(checks []Check) string {
	var out []string
	for _, c := range checks {
		if c.Wanted == "" {
			out = append(out, fmt.Sprintf("%s %s", c.Word, c.Seen))
			continue
		}
		out = append(out, fmt.Sprintf("%s wanted %s, saw %s", c.Word, c.Wanted, c.Seen))
	}
	if len(out) == 0 {
		return ""
	}
	return ": " + strings.Join(out, "; ")
}
