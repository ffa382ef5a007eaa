package policy

import (
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// policy reads the whole file.
func (r *reader) policy(root strictyaml.Node) *Policy {
	f := r.fields(root, "the policy", "version", "groups", "rules", "default")
	if root.Kind != strictyaml.Mapping {
		return nil
	}
	switch v := f["version"]; {
	case v.Kind == strictyaml.Absent:
		r.refuse(root, "version is missing; write version: 1")
	case v.Kind != strictyaml.Number || v.Text != "1":
		r.refuse(v, "version must be 1, not %s", quote(v))
	}
	r.groups = r.readGroups(f["groups"])
	return &Policy{rules: r.rules(root, f["rules"]), defaultLeave: r.fallback(root, f["default"])}
}

// fallback reads default, and reports whether it is leave. It cannot reassign: candidates
// without a when would catch what nobody thought of.
func (r *reader) fallback(root, n strictyaml.Node) (leave bool) {
	switch {
	case n.Kind == strictyaml.Absent:
		r.refuse(root, "default is missing; write default: needs_person or default: leave")
	case n.Kind == strictyaml.Text && n.Text == string(Leave):
		return true
	case n.Kind == strictyaml.Text && n.Text == string(NeedsPerson):
	default:
		r.refuse(n, "default must be needs_person or leave, not %s%s; to reassign everything else, "+
			"write a last rule with when: {}", quote(n), suggestWord(n, []string{string(Leave), string(NeedsPerson)}))
	}
	return false
}

// readGroups reads the locations of each group by its name. A group stands for them wherever locations are listed.
func (r *reader) readGroups(n strictyaml.Node) map[string][]string {
	groups := map[string][]string{}
	for _, f := range r.entries(n, "groups", "names to lists of locations") {
		name := r.name(f.Key, "the name of a group")
		members := r.locations(f.Value, "the group "+quote(f.Key), maxNames)
		if name != "" {
			groups[name] = members
		}
	}
	for _, f := range n.Fields {
		for _, item := range f.Value.Items {
			if _, is := groups[item.Text]; is {
				r.refuse(item, "%s is a group; a group lists locations, not groups", quote(item))
			}
		}
	}
	return groups
}

func (r *reader) rules(root, n strictyaml.Node) []rule {
	switch {
	case n.Kind == strictyaml.Absent:
		r.refuse(root, "rules is missing; write rules: [] for none")
		return nil
	case n.Kind != strictyaml.List:
		r.refuse(n, "rules wants a list, not %s", n.Kind)
		return nil
	case len(n.Items) > maxRules:
		r.refuse(n.Items[maxRules], "the policy has %d rules; the limit is %d", len(n.Items), maxRules)
	}
	var rules []rule
	names := map[string]int{} // to the line of its first use
	for i, item := range n.Items {
		f := r.fields(item, "a rule", "name", "when", "unknown", "then", "otherwise")
		if item.Kind != strictyaml.Mapping {
			continue
		}
		rules = append(rules, r.rule(item, f, names, i == len(n.Items)-1))
	}
	return rules
}

func (r *reader) rule(item strictyaml.Node, f map[string]strictyaml.Node, names map[string]int, last bool) rule {
	out := rule{}
	if n := f["name"]; n.Kind == strictyaml.Absent {
		r.refuse(item, "name is missing; a rule's name is a sentence that says what it does")
	} else if out.name = r.name(n, "the name of a rule"); out.name == DefaultRule {
		r.refuse(n, "a rule cannot be named %q: that is the decision when no rule matches", DefaultRule)
	} else if first, again := names[out.name]; again && out.name != "" {
		r.refuse(n, "the name %s is already that of the rule in line %d", quote(n), first)
	} else {
		names[out.name] = item.Line
	}
	if n := f["unknown"]; n.Kind == strictyaml.Text && n.Text == "skip" {
		out.skipUnknown = true
	} else if n.Kind != strictyaml.Absent {
		r.refuse(n, "unknown must be skip, or be left out; not %s%s", quote(n), suggestWord(n, []string{"skip"}))
	}
	before := len(r.problems)
	out.when = r.when(item, f["when"])
	readable := len(r.problems) == before
	out.then = r.then(item, f["then"])
	out.goesOn = r.otherwise(f["otherwise"], out.then.outcome, last)
	if readable {
		r.reachable(item, out)
	}
	r.goesAway(out.when, f["then"], out.then.reassign)
	return out
}

// otherwise reads what becomes of a delivery order for which the rule admits no candidate, and reports whether the next rule
// is tried.
func (r *reader) otherwise(n strictyaml.Node, outcome Outcome, last bool) (goesOn bool) {
	switch {
	case n.Kind == strictyaml.Absent:
		return false
	case n.Kind != strictyaml.Text || n.Text != "next":
		r.refuse(n, "otherwise must be next, or be left out; not %s%s", quote(n), suggestWord(n, []string{"next"}))
	case outcome == Leave || outcome == NeedsPerson:
		r.refuse(n, "otherwise: next is for a rule that reassigns: this one always has an answer; leave it out")
	case last:
		r.refuse(n, "otherwise: next is written in the last rule, and there is no next one; leave it out, or write a rule after this one")
	}
	return true
}

func (r *reader) when(item, n strictyaml.Node) all {
	switch {
	case n.Kind == strictyaml.Absent:
		r.refuse(item, "when is missing; write when: {} for a rule that matches every delivery order")
		return nil
	case n.Kind != strictyaml.Mapping:
		r.refuse(n, "when wants a mapping of predicates, not %s; known: %s", n.Kind, strings.Join(predicates().names(), ", "))
		return nil
	}
	return r.all(n)
}

func (r *reader) then(item, n strictyaml.Node) then {
	const choices = "reassign: {candidates: [...]}, leave or needs_person"
	switch {
	case n.Kind == strictyaml.Absent:
		r.refuse(item, "then is missing; write %s", choices)
	case n.Kind == strictyaml.Text && n.Text == string(Leave):
		return then{outcome: Leave}
	case n.Kind == strictyaml.Text && n.Text == string(NeedsPerson):
		return then{outcome: NeedsPerson}
	case n.Kind == strictyaml.Mapping && len(n.Fields) > 0:
		if to := r.fields(n, "then", string(Reassign))[string(Reassign)]; to.Kind != strictyaml.Absent {
			return then{outcome: Reassign, reassign: r.reassign(to)}
		}
	default:
		r.refuse(n, "then must be %s, not %s%s", choices, quote(n), suggestWord(n, []string{string(Reassign), string(Leave), string(NeedsPerson)}))
	}
	return then{}
}

func (r *reader) reassign(n strictyaml.Node) reassign {
	f := r.fields(n, "reassign", "candidates", "must", "prefer")
	if n.Kind != strictyaml.Mapping {
		return reassign{}
	}
	out := reassign{}
	if c := f["candidates"]; c.Kind == strictyaml.Absent {
		r.refuse(n, "candidates is missing; list the locations to fall back to, the best first")
	} else {
		out.candidates = r.locations(c, "candidates", maxCandidates)
	}
	r.candidates = out.candidates
	out.must = readWords(r, fences(), "fence", "must", f["must"])
	out.prefer = readWords(r, ratings(), "rating", "prefer", f["prefer"])
	r.allAsked(f["prefer"])
	return out
}

// readWords reads a list of words, each alone or as a mapping of the word to its argument.
func readWords[T any](r *reader, known words[T], sort, where string, n strictyaml.Node) []T {
	if n.Kind == strictyaml.Absent {
		return nil
	}
	var out []T
	var seen []string
	for _, item := range r.list(n, where, maxNames) {
		key, arg := item, strictyaml.Node{Line: item.Line, Column: item.Column}
		if item.Kind == strictyaml.Mapping && len(item.Fields) == 1 {
			key, arg = item.Fields[0].Key, item.Fields[0].Value
		}
		if w, ok := readWord(r, known, sort, key, arg, &seen); ok {
			out = append(out, w)
		}
	}
	return out
}

// readWord finds the word among the known ones and reads its argument. A word may be used
// once in its place.
func readWord[T any](r *reader, known words[T], sort string, key, arg strictyaml.Node, seen *[]string) (out T, ok bool) {
	i := slices.IndexFunc(known, func(w word[T]) bool { return key.Kind == strictyaml.Text && w.name == key.Text })
	switch {
	case key.Kind != strictyaml.Text:
		r.refuse(key, "a %s must be a word, not %s; known: %s", sort, quote(key), strings.Join(known.names(), ", "))
	case i < 0 && sort == "fence" && slices.Contains(alwaysOnWords, key.Text):
		r.refuse(key, "the fence %s is always on; leave it out", quote(key))
	case i < 0:
		if home, misplaced := findOtherHome(key.Text, sort); misplaced {
			r.refuse(key, "%s is a %s; it stands under %s", quote(key), home.sort, home.key)
			break
		}
		r.refuse(key, "unknown %s %s%s; known: %s", sort, quote(key), suggestWord(key, known.names()), strings.Join(known.names(), ", "))
	case slices.Contains(*seen, key.Text):
		r.refuse(key, "the %s %s is written twice", sort, quote(key))
	default:
		*seen = append(*seen, key.Text)
		r.words[key.Text] = struct{}{}
		return known[i].read(r, arg), true
	}
	return out, false
}
