// Package wording says counts and times to people, the same in alerts, on pages and on the command line.
package wording

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Count is a number of things: "1 delivery order", "2 delivery orders".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// ByCount returns the keys of counts, the most frequent first; those of the same count by name.
func ByCount[K ~string](counts map[K]int) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

// Sum adds counts up.
func Sum[K comparable](counts map[K]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}
