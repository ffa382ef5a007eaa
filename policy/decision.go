package policy

import (
	"encoding/json"
	"fmt"
)

// Decision is the answer for one delivery order, with the reason why. It is kept beside
// the order, so its JSON leaves out what is empty.
type Decision struct {
	Revision      string      `json:"revision"` // of the policy that decided
	DeliveryOrder string      `json:"delivery_order,omitempty"`
	Rule          string      `json:"rule"` // the rule that decided, or DefaultRule
	Outcome       Outcome     `json:"outcome"`
	Reason        string      `json:"reason,omitempty"`     // one of the Reason constants; empty for Reassign
	Candidates    []Ranked    `json:"candidates,omitempty"` // the admitted ones, best first
	Trace         []RuleTrace `json:"trace"`                // the rules looked at, in the order written

	// Wait is told with ReasonNoCandidate: nothing but its capacity stands in the way of at
	// least one candidate, so that waiting may help.
	Wait bool `json:"wait,omitempty"`
	// Suspects is told with ReasonNoCandidate: nothing stands in the way of at least one candidate but that it may have
	// failed too, which will be clear soon.
	Suspects bool `json:"suspects,omitempty"`
	// Capacity are the limits by which the rule fences its candidates, to count against.
	Capacity *Capacity `json:"capacity,omitempty"`
	// InStock tells that the rule fences its candidates by stock: the caller promises the units before it begins.
	InStock bool `json:"in_stock,omitempty"`
}

// DecodeDecision reads a decision that was written as JSON; nil where there is no text.
func DecodeDecision(text []byte) (*Decision, error) {
	if len(text) == 0 {
		return nil, nil
	}
	d := &Decision{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("reading a decision: %w", err)
	}
	return d, nil
}

// Full returns, as the policy names them, the candidates of which nothing but the capacity stands in the way.
func (d Decision) Full() []string { return d.names(CandidateTrace.full) }

// Suspected returns, as the policy names them, the candidates of which nothing stands in the way but that they may have
// failed, whether another one is admitted or not.
func (d Decision) Suspected() []string { return d.names(CandidateTrace.suspected) }

func (d Decision) names(are func(CandidateTrace) bool) []string {
	var names []string
	for _, rule := range d.Trace {
		for _, c := range rule.Candidates {
			if are(c) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// Capacity is how many handovers to one location may begin; 0 is no limit.
type Capacity struct {
	PerHour int `json:"per_hour,omitempty"` // in any hour
	PerDay  int `json:"per_day,omitempty"`  // in any 24 hours
}

// DefaultRule is Decision.Rule when no rule matched. No rule may bear this name.
const DefaultRule = "default"

// Outcome is what should become of the delivery order.
type Outcome string

// The outcomes, spelled as a policy spells them.
const (
	Reassign    Outcome = "reassign"     // hand it over to the best of Candidates
	Leave       Outcome = "leave"        // it stays where it is, by the user's wish
	NeedsPerson Outcome = "needs_person" // somebody has to look
)

// Why an outcome is not Reassign.
const (
	ReasonPolicyRule  = "policy_rule"  // needs_person: the rule, or the default, says so
	ReasonFactUnknown = "fact_unknown" // needs_person: whether the rule matches is not known
	ReasonNoCandidate = "no_candidate" // needs_person: the fences admit no candidate
	ReasonPolicyLeave = "policy_leave" // leave: the rule, or the default, says so
)

// Ranked is a candidate that every fence admits.
type Ranked struct {
	ID   string `json:"id"`
	Slug string `json:"slug,omitempty"`
}

// RuleTrace is what became of one rule.
type RuleTrace struct {
	Rule    string  `json:"rule"`
	Verdict Verdict `json:"verdict"` // Matched, NoMatch, Unknown or Skipped

	// Checks are the predicates that settled it: those that fail, when one fails; else all.
	Checks     []Check          `json:"checks,omitempty"`
	Candidates []CandidateTrace `json:"candidates,omitempty"` // in the order listed
}

// CandidateTrace is what became of one candidate of the rule that matched.
type CandidateTrace struct {
	Name    string  `json:"name"`           // as the policy writes it
	Slug    string  `json:"slug,omitempty"` // when it differs from Name
	Verdict Verdict `json:"verdict"`        // Admitted or Fenced

	// Checks are every fence and, for an admitted candidate, every rating.
	Checks []Check `json:"checks,omitempty"`
}

// Check is one word held against the facts: what it wanted, and what it saw.
type Check struct {
	Word    string  `json:"word"`
	Wanted  string  `json:"wanted,omitempty"`
	Seen    string  `json:"seen,omitempty"`
	Verdict Verdict `json:"verdict"` // Holds, Fails, Unknown or Rated
}

// Verdict is how a check, a rule or a candidate came out.
type Verdict string

// The verdicts. Unknown is both a check's and a rule's.
const (
	Holds   Verdict = "holds"
	Fails   Verdict = "fails"
	Unknown Verdict = "unknown"
	Rated   Verdict = "rated" // a rating has no yes or no

	Matched Verdict = "matched"
	NoMatch Verdict = "no match"
	Skipped Verdict = "skipped" // unknown, and the rule says unknown: skip

	Admitted Verdict = "admitted"
	Fenced   Verdict = "fenced"
)

// seenUnknown is Check.Seen of a fact that is not known.
const seenUnknown = "unknown"

// newCheck returns a check whose fact is known.
func newCheck(word, wanted, seen string, holds bool) Check {
	verdict := Fails
	if holds {
		verdict = Holds
	}
	return Check{Word: word, Wanted: wanted, Seen: seen, Verdict: verdict}
}

// unknownCheck returns a check whose fact is not known.
func unknownCheck(word, wanted string) Check {
	return Check{Word: word, Wanted: wanted, Seen: seenUnknown, Verdict: Unknown}
}
