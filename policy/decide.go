package policy

import "slices"

// Decide says what should become of the delivery order. It has an answer for all facts,
// and the same facts always get the same one.
func (p *Policy) Decide(f Facts) Decision {
	d := Decision{Revision: p.revision, DeliveryOrder: f.DeliveryOrder, Rule: DefaultRule, Trace: []RuleTrace{}}
	without := false // a rule that goes on with the next one had no candidate
	for _, r := range p.rules {
		t := r.match(f)
		d.Trace = append(d.Trace, t)
		switch {
		case t.Verdict == Unknown:
			d.Rule = r.name
			return d.needsPerson(ReasonFactUnknown)
		case t.Verdict != Matched:
			continue
		case without && r.then.outcome != Reassign:
			return d.needsPerson(ReasonNoCandidate)
		}
		d.Rule = r.name
		r.then.apply(f, &d)
		if without = d.Reason == ReasonNoCandidate && r.goesOn; !without {
			return d
		}
	}
	switch {
	case without:
		return d.needsPerson(ReasonNoCandidate)
	case p.defaultLeave:
		d.Outcome, d.Reason = Leave, ReasonPolicyLeave
	default:
		d.Outcome, d.Reason = NeedsPerson, ReasonPolicyRule
	}
	return d
}

// needsPerson ends a decision at once: a rule that went on with the next one waits for nothing.
func (d Decision) needsPerson(reason string) Decision {
	d.Outcome, d.Reason, d.Wait, d.Suspects = NeedsPerson, reason, false, false
	return d
}

// apply completes d, whose last trace is this rule's, with what the rule says.
func (t then) apply(f Facts, d *Decision) {
	d.Outcome, d.Reason, d.Wait, d.Suspects = t.outcome, "", false, false
	switch t.outcome {
	case Leave:
		d.Reason = ReasonPolicyLeave
	case NeedsPerson:
		d.Reason = ReasonPolicyRule
	case Reassign:
		d.Capacity, d.InStock = t.capacity(), t.inStock()
		d.Candidates, d.Trace[len(d.Trace)-1].Candidates = t.choose(f)
		if len(d.Candidates) == 0 {
			d.Outcome, d.Reason = NeedsPerson, ReasonNoCandidate
			candidates := d.Trace[len(d.Trace)-1].Candidates
			d.Wait, d.Suspects = slices.ContainsFunc(candidates, CandidateTrace.full), slices.ContainsFunc(candidates, CandidateTrace.suspected)
		}
	}
}
