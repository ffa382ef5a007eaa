package policy

import (
	"slices"
	"strconv"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// This file reads what stands after a word, where that is more than a name or a choice.

// count returns a whole number from 1 on, or 0 where nothing is written.
func (r *reader) count(n strictyaml.Node, what string) int {
	if n.Kind == strictyaml.Absent {
		return 0
	}
	value, err := strconv.Atoi(n.Text)
	if n.Kind != strictyaml.Number || err != nil || value < 1 || value > maxCount {
		r.refuse(n, "%s must be a whole number from 1 to %d, not %s", what, maxCount, quote(n))
		return 0
	}
	return value
}

// countries returns a list of country codes. Only their shape is checked.
func (r *reader) countries(n strictyaml.Node, what string) []string {
	var codes []string
	for _, item := range r.list(n, what, maxNames) {
		capital := func(c rune) bool { return c >= 'A' && c <= 'Z' }
		code := strings.ToUpper(item.Text)
		shaped := len(code) == 2 && !strings.ContainsFunc(code, func(c rune) bool { return !capital(c) })
		switch {
		case item.Kind != strictyaml.Text || !shaped:
			r.refuse(item, "a country is two capital letters (ISO 3166-1), like FR; not %s", quote(item))
		case !IsCountry(code):
			r.refuse(item, "%s is no country of ISO 3166-1%s", quote(item), meantCountry(code))
		case item.Text != code:
			r.refuse(item, "a country is two capital letters, not %s (did you mean %q?)", quote(item), code)
		case slices.Contains(codes, code):
			r.refuse(item, "%s is listed twice in %s", quote(item), what)
		default:
			codes = append(codes, code)
		}
	}
	return codes
}

// meantCountry names the code that ISO has for what others call a country.
func meantCountry(code string) string {
	if iso := otherCodes[code]; iso != "" {
		return ` (did you mean "` + iso + `"?)`
	}
	return ""
}

// candidate returns the name of a location, and refuses one that the rule does not list as a candidate.
func (r *reader) candidate(n strictyaml.Node, what string) string {
	name := r.name(n, "a location in "+what)
	if name != "" && len(r.candidates) > 0 && !slices.Contains(r.candidates, name) {
		r.refuse(n, "%s is no candidate of this rule%s; %s names candidates as they are listed", quote(n), suggestWord(n, r.candidates), what)
	}
	return name
}

// nest reads what any or not contains, unless that is too deep.
func (r *reader) nest(at strictyaml.Node, read func()) {
	if r.nesting == maxNesting {
		r.refuse(at, "any and not are nested deeper than %d; write several rules instead", maxNesting)
		return
	}
	r.nesting++
	read()
	r.nesting--
}

// some returns predicates, of which there must be at least one: without any it is always
// the same, as alike tells.
func (r *reader) some(n strictyaml.Node, what, alike string) all {
	switch {
	case n.Kind != strictyaml.Mapping:
		r.refuse(n, "%s wants a mapping of predicates, not %s; known: %s", what, n.Kind, strings.Join(predicates().names(), ", "))
	case len(n.Fields) == 0:
		r.refuse(n, "%s without predicates %s; write one into it, or leave it out", what, alike)
	}
	return r.all(n)
}

// all returns the predicates of a mapping.
func (r *reader) all(n strictyaml.Node) all {
	var ps all
	var seen []string
	for _, f := range n.Fields {
		if p, ok := readWord(r, predicates(), "predicate", f.Key, f.Value, &seen); ok {
			ps = append(ps, p)
		}
	}
	return ps
}
