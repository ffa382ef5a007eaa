package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"happycolis-reassigner/worker/journal"
)

// outlook is what a plan comes to, in counts.
type outlook struct {
	targets map[string]int
	holding map[journal.Reason]int // wait for capacity
	left    map[journal.Reason]int
	persons map[journal.Reason]int
}

// print shows the counts by target and by reason, the largest first, with what each reason means.
func (o outlook) print(w io.Writer) {
	t := &table{head: []string{"ORDERS", "", "WHICH MEANS"}}
	for _, target := range largest(o.targets) {
		t.add(strconv.Itoa(o.targets[target]), "go to "+target, "")
	}
	addReasons(t, o.holding, "wait")
	addReasons(t, o.left, "stay")
	addReasons(t, o.persons, "need a person")
	if len(t.rows) > 0 {
		t.print(w, "  ")
	}
}

func addReasons(t *table, counts map[journal.Reason]int, what string) {
	for _, reason := range largest(counts) {
		t.add(strconv.Itoa(counts[reason]), what+": "+string(reason), reason.Meaning())
	}
}

// largest returns the keys by their counts, the largest first; equals by name.
func largest[K ~string](counts map[K]int) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

func sum[K comparable](counts map[K]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}

// sentence is the whole in one line.
func (o outlook) sentence() string {
	text := fmt.Sprintf("%d would be reassigned, %d left, %d need a person", sum(o.targets), sum(o.left), sum(o.persons))
	if n := sum(o.holding); n > 0 {
		text += fmt.Sprintf(", %d wait for capacity", n)
	}
	return text + "."
}
