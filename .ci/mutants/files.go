package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// accepted are the survivors that may survive, with the reason of each.
type accepted map[string]string

// Reasons why a mutant may survive. The argument follows.
var reasons = []string{"equivalent: ", "log text: "}

// readAccepted reads the list: a line for each mutant, as it is printed, and under it, indented, the reason.
func readAccepted(path string) (accepted, error) {
	all := accepted{}
	err := readBlocks(path, func(line int, head string, indented []string) error {
		reason := strings.Join(indented, " ")
		if !slices.ContainsFunc(reasons, func(r string) bool { return strings.HasPrefix(reason, r) && len(reason) > len(r) }) {
			return fmt.Errorf("%s:%d: under a mutant stands why it may survive, indented, after %q or %q", path, line, reasons[0], reasons[1])
		}
		if _, twice := all[head]; twice {
			return fmt.Errorf("%s:%d: this mutant stands there twice", path, line)
		}
		all[head] = reason
		return nil
	})
	return all, err
}

// readBlocks reads a file of lines with indented ones under them. Empty lines, and those that begin with #, are for
// people. A file that is not there is empty.
func readBlocks(path string, block func(line int, head string, indented []string) error) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	head, at := "", 0
	var indented []string
	end := func() error {
		if head == "" {
			return nil
		}
		return block(at, head, indented)
	}
	n := 0
	for in := bufio.NewScanner(file); in.Scan(); {
		n++
		text := in.Text()
		switch {
		case strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#"):
		case text[0] == ' ' || text[0] == '\t':
			indented = append(indented, strings.TrimSpace(text))
		default:
			if err := end(); err != nil {
				return err
			}
			head, at, indented = strings.TrimSpace(text), n, nil
		}
	}
	return end()
}

// hint puts the tests that noticed mutants of a file last time before all others.
func (t *trial) hint(path string) error {
	return readBlocks(path, func(line int, file string, tests []string) error {
		for i, text := range tests {
			dir, name, _ := strings.Cut(text, " ")
			s := t.suites[dir]
			if s == nil {
				continue // not built this time
			}
			u := s.unit(name)
			if !slices.Contains(s.units, u) {
				s.units = append(s.units, u)
			}
			if t.kills[file] == nil {
				t.kills[file] = map[*unit]int{}
			}
			t.kills[file][u] = len(tests) - i
		}
		return nil
	})
}

const (
	hintsMost = 12 // for a file
	hintsHead = `# The tests that notice mutants of each file, the best first: what is tried first. Written by make mutants; what is
# not up to date here only costs time.
`
)

// writeHints writes which tests to try first the next time.
func (t *trial) writeHints(path string) error {
	best := t.learned(hintsMost)
	var out strings.Builder
	out.WriteString(hintsHead)
	for _, file := range slices.Sorted(maps.Keys(best)) {
		out.WriteString(file + "\n")
		for _, u := range best[file] {
			out.WriteString("    " + u.String() + "\n")
		}
	}
	return os.WriteFile(path, []byte(out.String()), 0o644) //nolint:gosec // a text of the repository
}
