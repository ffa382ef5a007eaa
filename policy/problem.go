package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a policy file. Line and Column count from 1, in
// characters.
type Problem struct {
	Line, Column int
	Message      string
}

// String is "line:column: message".
func (p Problem) String() string {
	return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
}

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
