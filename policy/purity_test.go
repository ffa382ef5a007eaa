package policy_test

import (
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The package decides and does nothing else: it imports nothing of this module, and
// nothing by which it could see a clock, a file, a network or chance.
func TestThePackageIsPure(t *testing.T) {
	t.Parallel()
	impure := []string{"os", "net", "time", "io", "log", "math/rand", "context", "syscall"}
	for _, path := range glob(t, "*.go") {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			within := func(root string) bool { return imported == root || strings.HasPrefix(imported, root+"/") }
			if within("happycolis-reassigner") || slices.ContainsFunc(impure, within) {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	}
}
