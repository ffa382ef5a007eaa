package policy

import (
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// anyOf holds when one of its entries does. An entry is written like a when.
type anyOf struct {
	entries []all
	wanted  string
}

func readAny(r *reader, arg strictyaml.Node) predicate {
	var p anyOf
	r.nest(arg, func() {
		for _, item := range r.list(arg, "any", maxNames) {
			p.entries = append(p.entries, r.some(item, "an entry of any", "always holds"))
		}
	})
	var wanted []string
	for _, entry := range p.entries {
		wanted = append(wanted, addBrackets(entry.wanted(), len(entry)))
	}
	p.wanted = joinAlternatives(wanted)
	return p
}

// check tells of the entry that holds, else of those that are unknown, else of all.
func (p anyOf) check(f Facts) Check {
	var fails, unknown []string
	for _, entry := range p.entries {
		verdict, checks := entry.check(f)
		seen := joinChecks(checks, func(c Check) string { return c.Seen })
		switch verdict {
		case Holds:
			return Check{Word: "any", Wanted: p.wanted, Seen: clipText(seen), Verdict: Holds}
		case Unknown:
			unknown = append(unknown, addBrackets(seen, len(checks)))
		default:
			fails = append(fails, addBrackets(seen, len(checks)))
		}
	}
	if len(unknown) > 0 {
		return Check{Word: "any", Wanted: p.wanted, Seen: joinAlternatives(unknown), Verdict: Unknown}
	}
	return Check{Word: "any", Wanted: p.wanted, Seen: joinAlternatives(fails), Verdict: Fails}
}

func (p anyOf) covers(narrower predicate) bool {
	covered := func(part all) bool {
		return slices.ContainsFunc(p.entries, func(entry all) bool { return entry.covers(part) })
	}
	if q, same := narrower.(anyOf); same {
		return !slices.ContainsFunc(q.entries, func(part all) bool { return !covered(part) })
	}
	return covered(all{narrower})
}

// joinAlternatives are the entries in words, the end counted rather than spelled.
func joinAlternatives(entries []string) string {
	if len(entries) > maxShown {
		return clipText(shortenList(entries))
	}
	return clipText(strings.Join(entries, " or "))
}

// addBrackets keeps several things together among others.
func addBrackets(text string, things int) string {
	if things < 2 {
		return text
	}
	return "(" + text + ")"
}
