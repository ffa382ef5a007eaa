package policy

import "slices"

// earlier is what a rule that was read before matches.
type earlier struct {
	line int
	when all
}

// reachable refuses a rule that an earlier one always comes before. It knows the simple
// cases only, but is never wrong: whatever the facts, the rule would not have decided.
func (r *reader) reachable(item node, when all) {
	i := slices.IndexFunc(r.earlier, func(e earlier) bool { return e.when.covers(when) })
	switch {
	case i < 0:
	case len(r.earlier[i].when) == 0:
		r.refuse(item, "this rule is never reached: the one in line %d matches every delivery order", r.earlier[i].line)
	default:
		r.refuse(item, "this rule is never reached: the one in line %d matches every delivery order that this one does; "+
			"put this one first, or take it out", r.earlier[i].line)
	}
	r.earlier = append(r.earlier, earlier{item.line, when})
}

// goesAway refuses a rule that could only send a delivery order to where it is stuck.
func (r *reader) goesAway(when all, then node, to reassign) {
	for _, p := range when {
		if p, is := p.(from); is && len(p.names) == 1 && slices.Equal(p.names, to.candidates) {
			r.refuse(then.child(string(Reassign)).child("candidates"),
				"the only candidate is %q, the location that failed; name another one", p.names[0])
		}
	}
}

// allAsked refuses a rating after listed_order, which leaves nothing to decide.
func (r *reader) allAsked(prefer node) {
	for i, item := range prefer.items {
		if item.kind == text && item.text == wordListedOrder && i+1 < len(prefer.items) {
			r.refuse(prefer.items[i+1], "this rating is never asked: %s before it tells all candidates apart; put it last", wordListedOrder)
		}
	}
}
