package policy

import (
	"fmt"
	"strings"
)

// maxShown is how many entries of a list a trace repeats: it is kept for every order.
const maxShown = 4

// oneOf is what a check wants when a list of values is allowed.
func oneOf(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "one of " + shorten(values)
}

// shorten is the list in words, its end counted rather than spelled.
func shorten(values []string) string {
	if more := len(values) - maxShown; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(values[:maxShown], ", "), more)
	}
	return strings.Join(values, ", ")
}
