package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// Problem is one thing that is wrong with a policy file.
type Problem = strictyaml.Problem

// Problems is the error of [Parse]: never empty, sorted by line and column.
type Problems []Problem

// Error has one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems bounds a message that a person has to read; the rest is counted.
const maxProblems = 100

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := len(ps) - maxProblems; more > 0 {
		next := ps[maxProblems]
		next.Message = fmt.Sprintf("%d more problems from here on are not shown", more)
		ps = append(ps[:maxProblems:maxProblems], next)
	}
	return ps
}
