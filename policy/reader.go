package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader collects what is wrong, and every location and word that is named. Its methods
// return something usable after a refusal, so that reading goes on to the next problem.
type reader struct {
	problems     Problems
	names, words map[string]struct{}
	nesting      int // how many any and not are around what is read
	earlier      []earlier
	candidates   []string // of the reassign that is read; what it says must or prefers may ask
}

func (r *reader) refuse(at node, format string, args ...any) {
	r.problems = append(r.problems, refused(at, format, args...)...)
}

// fields returns the values of a mapping by key. It refuses unknown and repeated keys; a
// key that is not there gives an absent node.
func (r *reader) fields(n node, where string, known ...string) map[string]node {
	values := map[string]node{}
	if n.kind != mapping {
		r.refuse(n, "%s wants a mapping of %s, not %s", where, strings.Join(known, ", "), n.kind)
		return values
	}
	for _, f := range n.fields {
		_, again := values[f.key.text]
		switch {
		case f.key.kind != text || !slices.Contains(known, f.key.text):
			r.refuse(f.key, "unknown key %s in %s%s; known: %s", quote(f.key), where, meant(f.key, known), strings.Join(known, ", "))
		case again:
			r.refuse(f.key, "%s is written twice in %s", f.key.text, where)
		default:
			values[f.key.text] = f.value
		}
	}
	return values
}

// list returns the items of a list that should have 1 to limit of them.
func (r *reader) list(n node, what string, limit int) []node {
	switch {
	case n.kind != list:
		r.refuse(n, "%s wants a list, like [a, b], not %s", what, n.kind)
	case len(n.items) == 0:
		r.refuse(n, "%s is an empty list", what)
	case len(n.items) > limit:
		r.refuse(n.items[limit], "%s has %d entries; the limit is %d", what, len(n.items), limit)
	}
	return n.items
}

// name returns a short text: the name of a rule or of a location.
func (r *reader) name(n node, what string) string {
	switch {
	case n.kind == number || n.kind == truth:
		r.refuse(n, "%s must be text, not %s; write it in quotes: \"%s\"", what, n.kind, n.text)
	case n.kind != text:
		r.refuse(n, "%s must be text, not %s", what, n.kind)
	case strings.TrimSpace(n.text) == "":
		r.refuse(n, "%s is empty", what)
	case utf8.RuneCountInString(n.text) > maxNameLength:
		r.refuse(n, "%s has %d characters; the limit is %d", what, utf8.RuneCountInString(n.text), maxNameLength)
	case strings.TrimSpace(n.text) != n.text, strings.ContainsFunc(n.text, unicode.IsControl):
		r.refuse(n, "%s must be one line without space at its ends", what)
	default:
		return n.text
	}
	return ""
}

// locations returns a list of location names, and notes them for Policy.Names.
func (r *reader) locations(n node, what string, limit int) []string {
	var names []string
	for _, item := range r.list(n, what, limit) {
		name := r.name(item, "a location in "+what)
		if name == "" {
			continue
		}
		if slices.Contains(names, name) {
			r.refuse(item, "%s is listed twice in %s", quote(item), what)
		}
		names = append(names, name)
		r.names[name] = struct{}{}
	}
	return names
}

// choices returns a list of values, each one of known.
func (r *reader) choices(n node, what string, known []string) []string {
	var values []string
	for _, item := range r.list(n, what, maxNames) {
		switch {
		case item.kind != text || !slices.Contains(known, item.text):
			r.refuse(item, "unknown %s %s%s; known: %s", what, quote(item), meant(item, known), strings.Join(known, ", "))
		case slices.Contains(values, item.text):
			r.refuse(item, "%s is listed twice in %s", quote(item), what)
		default:
			values = append(values, item.text)
		}
	}
	return values
}

// truth returns true or false.
func (r *reader) truth(n node, what string) bool {
	if n.kind != truth {
		r.refuse(n, "%s must be true or false, not %s", what, quote(n))
	}
	value, _ := strconv.ParseBool(n.text)
	return value
}

// alone refuses an argument to a word that takes none.
func (r *reader) alone(arg node, word string) {
	if arg.kind != absent {
		r.refuse(arg, "%s stands alone; nothing may follow it", word)
	}
}

// maxQuoted is how many characters of a wrong value a message repeats.
const maxQuoted = 60

// quote is what a person recognizes a wrong value by.
func quote(n node) string {
	switch n.kind {
	case text:
		if runes := []rune(n.text); len(runes) > maxQuoted {
			return fmt.Sprintf("%q...", string(runes[:maxQuoted]))
		}
		return fmt.Sprintf("%q", n.text)
	case number, truth:
		return n.text
	default:
		return n.kind.String()
	}
}
