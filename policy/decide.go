package policy

import "slices"

// Decide says what should become of the delivery order. It has an answer for all facts,
// and the same facts always get the same one.
func (p *Policy) Decide(f Facts) Decision {
	d := Decision{Revision: p.revision, DeliveryOrder: f.DeliveryOrder, Rule: DefaultRule}
	trace, found := p.find(f)
	d.Trace = trace
	if found != nil {
		d.Rule = found.name
		found.then.apply(f, &d)
		return d
	}
	if n := len(trace); n > 0 && trace[n-1].Verdict == Unknown {
		d.Rule = trace[n-1].Rule
		d.Outcome, d.Reason = NeedsPerson, ReasonFactUnknown
		return d
	}
	if p.defaultLeave {
		d.Outcome, d.Reason = Leave, ReasonPolicyLeave
		return d
	}
	d.Outcome, d.Reason = NeedsPerson, ReasonPolicyRule
	return d
}

// find walks the rules up to the first that matches, or of which it is not known whether
// it does: then found is nil and the last trace is Unknown. The trace is never nil.
func (p *Policy) find(f Facts) (trace []RuleTrace, found *rule) {
	trace = []RuleTrace{}
	for i := range p.rules {
		t := p.rules[i].match(f)
		trace = append(trace, t)
		switch t.Verdict {
		case Matched:
			return trace, &p.rules[i]
		case Unknown:
			return trace, nil
		}
	}
	return trace, nil
}

// apply completes d, whose last trace is this rule's, with what the rule says.
func (t then) apply(f Facts, d *Decision) {
	d.Outcome = t.outcome
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
