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
	return "one of " + shortenList(values)
}

// eitherOf is what is waited for when any of a list will do.
func eitherOf(values []string) string {
	if last := len(values) - 1; 0 < last && last < maxShown {
		return strings.Join(values[:last], ", ") + " or " + values[last]
	}
	return shortenList(values)
}

// shortenList is the list in words, its end counted rather than spelled.
func shortenList(values []string) string {
	if more := len(values) - maxShown; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(values[:maxShown], ", "), more)
	}
	return strings.Join(values, ", ")
}

// joinChecks tells of checks in a few words: each by its word and what is told of it.
func joinChecks(checks []Check, told func(Check) string) string {
	parts := make([]string, len(checks))
	for i, c := range checks {
		parts[i] = c.Word + " " + told(c)
	}
	if more := len(parts) - maxShown; more > 0 {
		parts = append(parts[:maxShown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, " and ")
}

// maxWords is how many characters the words of a check that contains others may have.
const maxWords = 300

// clipText ends a text that is too long.
func clipText(text string) string {
	if runes := []rune(text); len(runes) > maxWords {
		return string(runes[:maxWords]) + "..."
	}
	return text
}
