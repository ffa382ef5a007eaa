package policy

import (
	"slices"

	"happycolis-reassigner/policy/strictyaml"
)

// earlier is what a rule that was read before matches, if it always decides.
type earlier struct {
	line int
	when all
}

// reachable refuses a rule that an earlier one always comes before. It knows the simple
// cases only, but is never wrong: whatever the facts, the rule would not have decided.
func (r *reader) reachable(item strictyaml.Node, is rule) {
	i := slices.IndexFunc(r.earlier, func(e earlier) bool { return e.when.covers(is.when) })
	switch {
	case i < 0:
	case len(r.earlier[i].when) == 0:
		r.refuse(item, "this rule is never reached: the one in line %d matches every delivery order", r.earlier[i].line)
	default:
		r.refuse(item, "this rule is never reached: the one in line %d matches every delivery order that this one does; "+
			"put this one first, or take it out", r.earlier[i].line)
	}
	if !is.goesOn {
		r.earlier = append(r.earlier, earlier{item.Line, is.when})
	}
}

// goesAway refuses a rule that could only send a delivery order to where it is stuck.
func (r *reader) goesAway(when all, then strictyaml.Node, to reassign) {
	for _, p := range when {
		if p, is := p.(from); is && len(p.names) == 1 && slices.Equal(p.names, to.candidates) {
			r.refuse(then.Child(string(Reassign)).Child("candidates"),
				"the only candidate is %q, the location that failed; name another one", p.names[0])
		}
	}
}

// allAsked refuses a rating after listed_order, which leaves nothing to decide.
func (r *reader) allAsked(prefer strictyaml.Node) {
	for i, item := range prefer.Items {
		if item.Kind == strictyaml.Text && item.Text == wordListedOrder && i+1 < len(prefer.Items) {
			r.refuse(prefer.Items[i+1], "this rating is never asked: %s before it tells all candidates apart; put it last", wordListedOrder)
		}
	}
}
