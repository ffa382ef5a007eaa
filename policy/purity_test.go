package policy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The package decides and does nothing else: of this module it imports the reader of YAML,
// which is as pure, and nothing by which it could see a file, a network or chance. Of time
// it uses durations, and moments and zones that it is given: never a clock, and no zone of the machine.
func TestThePackageIsPure(t *testing.T) {
	t.Parallel()
	impure := []string{"os", "net", "io", "log", "math/rand", "context", "syscall"}
	for _, path := range append(glob(t, "*.go"), glob(t, "strictyaml/*.go")...) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			within := func(root string) bool { return imported == root || strings.HasPrefix(imported, root+"/") }
			ours := within("happycolis-reassigner") && imported != "happycolis-reassigner/policy/strictyaml"
			if ours || slices.ContainsFunc(impure, within) {
				t.Errorf("%s imports %s", path, imported)
			}
			if imported == "time" && spec.Name != nil {
				t.Errorf("%s imports time as %s; this test knows it by its own name", path, spec.Name)
			}
		}
		for _, used := range usedOfTime(file) {
			if !slices.Contains([]string{"Duration", "ParseDuration", "Minute", "Hour", "Time", "Location", "Weekday", "Parse", "RFC3339"}, used) {
				t.Errorf("%s uses time.%s", path, used)
			}
		}
	}
}

// usedOfTime are the names that a file takes from the package time.
func usedOfTime(file *ast.File) (names []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, is := n.(*ast.SelectorExpr); is {
			if of, named := selector.X.(*ast.Ident); named && of.Name == "time" {
				names = append(names, selector.Sel.Name)
			}
		}
		return true
	})
	return names
}
