package policy

import (
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// suggestWord completes a message about text that is not known with what may have been meant, if
// anything known is near.
func suggestWord(n strictyaml.Node, known []string) string {
	if n.Kind != strictyaml.Text || slices.Contains(known, n.Text) {
		return ""
	}
	if best, found := nearestWord(n.Text, known); found {
		return fmt.Sprintf(" (did you mean %q?)", best)
	}
	return ""
}

// nearestWord returns the known word that is the fewest typing mistakes away from text, of those
// that are near at all: about a third of its characters may be wrong. Case does not count.
func nearestWord(text string, known []string) (best string, found bool) {
	given := []rune(strings.ToLower(text))
	if len(given) > maxNameLength {
		return "", false
	}
	least := 0
	for _, word := range known {
		wanted := []rune(strings.ToLower(word))
		mistakes := editDistance(given, wanted)
		if mistakes <= max(1, (len(wanted)+1)/3) && mistakes < len(wanted) && (!found || mistakes < least) {
			best, least, found = word, mistakes, true
		}
	}
	return best, found
}

// editDistance is how many characters must be put in, left out or replaced, or swapped with
// their neighbour, to come from a to b.
func editDistance(a, b []rune) int {
	before, row := []int{}, make([]int, len(b)+1) // the last two rows of the table
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// home is where a sort of words stands.
type home struct {
	sort, key string
	words     []string
}

// findOtherHome returns where a word stands, if it is one of another sort.
func findOtherHome(word, sort string) (home, bool) {
	homes := []home{
		{"predicate", "when", predicates().names()},
		{"fence", "must", fences().names()},
		{"rating", "prefer", ratings().names()},
	}
	for _, h := range homes {
		if h.sort != sort && slices.Contains(h.words, word) {
			return h, true
		}
	}
	return home{}, false
}
