// Report prints figures of the code, to compare before and after a change of its shape:
//
//   - lines of Go. A code line holds a token, a comment line a comment and nothing else. Generated files are left out,
//     and so are directories whose names begin with a dot or are testdata. Packages that only tests import are tests.
//   - comment share: comment lines of all lines that hold either.
//   - one-word names of functions, apart from those of methods: where the receiver is the object one word is enough
//     (Journal.Save), and whether it is only a reader can say.
//   - the types with most methods, and the structs with most fields. An embedded field is one.
//   - arrows between the files of a package. File a points at file b if a mentions a function, or selects a method,
//     that b declares; a method whose name is declared more than once in the package, or is also that of a field,
//     points nowhere, and a variable that hides a function is taken for it. The files are put in the order in which as few arrows as can be found go back up
//     (Eades, Lin and Smyth); those are counted. Without any the package reads from the top down.
//
// It needs Go alone: go run ./.ci/report -test-seconds 183
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
)

// shownMost is how many of the largest are shown.
const shownMost = 5

func main() {
	root := flag.String("root", ".", "the module's `directory`")
	seconds := flag.Int("test-seconds", 0, "how many `seconds` make test took; 0: it is not told")
	flag.Parse()
	packages, err := read(*root)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	write(os.Stdout, packages, *seconds)
}

// lines are counted lines of Go.
type lines struct{ all, code, comments int }

func (l *lines) add(other lines) {
	l.all += other.all
	l.code += other.code
	l.comments += other.comments
}

// share is a part of a whole in percent.
func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

func write(out io.Writer, packages []*pkg, seconds int) {
	var product, tests lines
	var functions, methods, shortFunctions, shortMethods int
	var types []counted
	var structs []counted
	for _, p := range packages {
		tests.add(p.tests)
		if p.testOnly {
			tests.add(p.product)
			continue
		}
		product.add(p.product)
		for _, f := range p.functions {
			functions++
			if oneWord(f) {
				shortFunctions++
			}
		}
		for _, m := range p.methods {
			methods++
			if oneWord(m.name) {
				shortMethods++
			}
		}
		types = append(types, p.largestTypes()...)
		structs = append(structs, p.structs...)
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-28s"+format+"\n", append([]any{name}, args...)...)
	}
	line("product lines", "%d", product.all)
	line("product code lines", "%d", product.code)
	line("test lines", "%d", tests.all)
	line("test code lines", "%d", tests.code)
	line("comment share", "%s", share(product.comments, product.code+product.comments))
	line("one-word functions", "%d of %d, %s", shortFunctions, functions, share(shortFunctions, functions))
	line("one-word methods", "%d of %d, %s", shortMethods, methods, share(shortMethods, methods))
	line("one-word names of both", "%s", share(shortFunctions+shortMethods, functions+methods))
	for i, c := range largest(types) {
		line(once(i, "largest types"), "%s: %d methods in %d files", c.name, c.number, c.files)
	}
	for i, c := range largest(structs) {
		line(once(i, "widest records"), "%s: %d fields", c.name, c.number)
	}
	shown := 0
	for _, p := range packages {
		if arrowed(p.path) && !p.testOnly {
			all, back := p.arrows()
			line(once(shown, "arrows that go back up"), "%s: %d of %d between %d files", p.path, back, all, len(p.files))
			shown++
		}
	}
	if seconds > 0 {
		line("make test", "%d s", seconds)
	}
}

// arrowed reports whether the arrows of a package are counted.
func arrowed(path string) bool {
	return path == "cmd" || strings.HasPrefix(path, "cmd/") || path == "worker/handover" || strings.HasPrefix(path, "worker/handover/") ||
		path == "worker/journal"
}

func once(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}

// counted is something with its number.
type counted struct {
	name          string
	number, files int
}

func largest(all []counted) []counted {
	slices.SortFunc(all, func(a, b counted) int {
		return cmp.Or(b.number-a.number, strings.Compare(a.name, b.name))
	})
	return all[:min(len(all), shownMost)]
}

// oneWord reports whether a name is a single word: no capital behind its first letter that begins another, and no
// underscore. An initialism is a word.
func oneWord(name string) bool {
	runes := []rune(name)
	for i := 1; i < len(runes); i++ {
		if runes[i] == '_' || unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) {
			return false
		}
		if i >= 2 && unicode.IsLower(runes[i]) && unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i-2]) {
			return false
		}
	}
	return true
}
