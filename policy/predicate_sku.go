package policy

import (
	"path"
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// sku holds when the SKU of at least one line matches at least one pattern.
type sku struct{ patterns []string }

func readSKU(r *reader, arg strictyaml.Node) predicate {
	items := []strictyaml.Node{arg}
	if arg.Kind == strictyaml.List {
		items = r.list(arg, "sku", maxNames)
	}
	var p sku
	for _, item := range items {
		pattern := r.name(item, "a pattern of sku")
		if _, err := path.Match(pattern, ""); err != nil {
			r.refuse(item, "the pattern %s is malformed; a [ needs its ], and a \\ something after it", quote(item))
		}
		if pattern != "" && slices.Contains(p.patterns, pattern) {
			r.refuse(item, "%s is listed twice in sku", quote(item))
		}
		p.patterns = append(p.patterns, pattern)
	}
	return p
}

// check sees the SKUs that match, or else, when it cannot be settled, that one is unknown.
func (p sku) check(f Facts) Check {
	const word = "sku"
	wanted := oneOf(p.patterns)
	lines, known := f.lines()
	var skus []string
	for _, line := range lines {
		switch {
		case line.SKU == "":
			known = false
		case slices.ContainsFunc(p.patterns, line.matches):
			return newCheck(word, wanted, line.SKU, true)
		case !slices.Contains(skus, line.SKU):
			skus = append(skus, line.SKU)
		}
	}
	if !known {
		return unknownCheck(word, wanted)
	}
	return newCheck(word, wanted, shortenList(skus), false)
}

func (l Line) matches(pattern string) bool {
	matches, err := path.Match(pattern, l.SKU)
	return err == nil && matches
}

// covers: each of the narrower patterns is here too, or is a plain SKU that matches.
func (p sku) covers(narrower predicate) bool {
	q, same := narrower.(sku)
	if !same {
		return false
	}
	for _, pattern := range q.patterns {
		plain := !strings.ContainsAny(pattern, `*?[\`)
		if !slices.Contains(p.patterns, pattern) && !(plain && slices.ContainsFunc(p.patterns, Line{SKU: pattern}.matches)) {
			return false
		}
	}
	return true
}
