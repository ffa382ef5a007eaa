package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"happycolis-reassigner/policy/strictyaml"
)

// reader collects what is wrong, and every location and word that is named. Its methods
// return something usable after a refusal, so that reading goes on to the next problem.
type reader struct {
	sources      Sources
	problems     Problems
	names, words map[string]struct{}
	nesting      int // how many any and not are around what is read
	earlier      []earlier
	candidates   []string // of the reassign that is read; what it says must or prefers may ask
	groups       map[string][]string
}

func (r *reader) refuse(at strictyaml.Node, format string, args ...any) {
	r.problems = append(r.problems, problemAt(at, format, args...)...)
}

// fields returns the values of a mapping by key. It refuses unknown and repeated keys; a
// key that is not there gives an absent node.
func (r *reader) fields(n strictyaml.Node, where string, known ...string) map[string]strictyaml.Node {
	values := map[string]strictyaml.Node{}
	if n.Kind != strictyaml.Mapping {
		r.refuse(n, "%s wants a mapping of %s, not %s", where, strings.Join(known, ", "), n.Kind)
		return values
	}
	for _, f := range n.Fields {
		_, again := values[f.Key.Text]
		switch {
		case f.Key.Kind != strictyaml.Text || !slices.Contains(known, f.Key.Text):
			r.refuse(f.Key, "unknown key %s in %s%s; known: %s", quote(f.Key), where, suggestWord(f.Key, known), strings.Join(known, ", "))
		case again:
			r.refuse(f.Key, "%s is written twice in %s", f.Key.Text, where)
		default:
			values[f.Key.Text] = f.Value
		}
	}
	return values
}

// list returns the items of a list that should have 1 to limit of them.
func (r *reader) list(n strictyaml.Node, what string, limit int) []strictyaml.Node {
	switch {
	case n.Kind != strictyaml.List:
		r.refuse(n, "%s wants a list, like [a, b], not %s", what, n.Kind)
	case len(n.Items) == 0:
		r.refuse(n, "%s is an empty list", what)
	case len(n.Items) > limit:
		r.refuse(n.Items[limit], "%s has %d entries; the limit is %d", what, len(n.Items), limit)
	}
	return n.Items
}

// name returns a short text: the name of a rule or of a location.
func (r *reader) name(n strictyaml.Node, what string) string {
	switch {
	case n.Kind == strictyaml.Number || n.Kind == strictyaml.Truth:
		r.refuse(n, "%s must be text, not %s; write it in quotes: \"%s\"", what, n.Kind, n.Text)
	case n.Kind != strictyaml.Text:
		r.refuse(n, "%s must be text, not %s", what, n.Kind)
	case strings.TrimSpace(n.Text) == "":
		r.refuse(n, "%s is empty", what)
	case utf8.RuneCountInString(n.Text) > maxNameLength:
		r.refuse(n, "%s has %d characters; the limit is %d", what, utf8.RuneCountInString(n.Text), maxNameLength)
	case strings.TrimSpace(n.Text) != n.Text, strings.ContainsFunc(n.Text, unicode.IsControl):
		r.refuse(n, "%s must be one line without space at its ends", what)
	default:
		return n.Text
	}
	return ""
}

// locations returns a list of location names, with those of a group in its place, and notes them for Policy.Names.
func (r *reader) locations(n strictyaml.Node, what string, limit int) []string {
	var names []string
	for _, item := range r.list(n, what, limit) {
		name := r.name(item, "a location in "+what)
		switch name {
		case "":
			continue
		case "*":
			r.refuse(item, "\"*\" is no location; name each, or write no from where every location is meant")
			continue
		}
		members, isGroup := r.groups[name]
		if !isGroup {
			members = []string{name}
		}
		for _, member := range members {
			if slices.Contains(names, member) {
				r.refuse(item, "%q is listed twice in %s", member, what)
			}
			names = append(names, member)
			r.names[member] = struct{}{}
		}
		if len(names) > limit && len(members) > 1 {
			r.refuse(item, "%s has %d locations with those of the group %s; the limit is %d", what, len(names), quote(item), limit)
		}
	}
	return names
}

// choices returns a list of values, each one of known.
func (r *reader) choices(n strictyaml.Node, what string, known []string) []string {
	var values []string
	for _, item := range r.list(n, what, maxNames) {
		switch {
		case item.Kind != strictyaml.Text || !slices.Contains(known, item.Text):
			r.refuse(item, "unknown %s %s%s; known: %s", what, quote(item), suggestWord(item, known), strings.Join(known, ", "))
		case slices.Contains(values, item.Text):
			r.refuse(item, "%s is listed twice in %s", quote(item), what)
		default:
			values = append(values, item.Text)
		}
	}
	return values
}

// truth returns true or false.
func (r *reader) truth(n strictyaml.Node, what string) bool {
	if n.Kind != strictyaml.Truth {
		r.refuse(n, "%s must be true or false, not %s", what, quote(n))
	}
	value, _ := strconv.ParseBool(n.Text)
	return value
}

// alone refuses an argument to a word that takes none.
func (r *reader) alone(arg strictyaml.Node, word string) {
	if arg.Kind != strictyaml.Absent {
		r.refuse(arg, "%s stands alone; nothing may follow it", word)
	}
}

// maxQuoted is how many characters of a wrong value a message repeats.
const maxQuoted = 60

// quote is what a person recognizes a wrong value by.
func quote(n strictyaml.Node) string {
	switch n.Kind {
	case strictyaml.Text:
		if runes := []rune(n.Text); len(runes) > maxQuoted {
			return fmt.Sprintf("%q...", string(runes[:maxQuoted]))
		}
		return fmt.Sprintf("%q", n.Text)
	case strictyaml.Number, strictyaml.Truth:
		return n.Text
	default:
		return n.Kind.String()
	}
}
