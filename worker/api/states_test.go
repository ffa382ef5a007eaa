package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"happycolis-reassigner/worker/api"
)

// declared returns the values of the constants of a type as a file of this package declares them.
func declared(t *testing.T, file, of string) []string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(source, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if is, ok := spec.Type.(*ast.Ident); ok && is.Name == of {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("no %s in %s; is this test still reading it right?", of, file)
	}
	return values
}

func TestTheListsAreWhole(t *testing.T) {
	t.Parallel()
	var states, reasons []string
	for _, s := range api.States() {
		states = append(states, string(s))
	}
	for _, r := range append(api.PersonReasons(), api.LeftReasons()...) {
		reasons = append(reasons, string(r))
	}
	sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(declared(t, "states.go", "State"), states, sorted); diff != "" {
		t.Errorf("States (-declared +listed):\n%s", diff)
	}
	if diff := cmp.Diff(declared(t, "reasons.go", "Reason"), reasons, sorted); diff != "" {
		t.Errorf("PersonReasons and LeftReasons (-declared +listed):\n%s", diff)
	}
}

func TestOnlyTheEndIsOver(t *testing.T) {
	t.Parallel()
	over := map[api.State]bool{api.Reassigned: true, api.Left: true}
	for _, s := range api.States() {
		if s.IsOver() != over[s] {
			t.Errorf("%s is over: %t, want %t", s, s.IsOver(), over[s])
		}
		if rest := over[s] || s == api.NeedsPerson; s.IsAtRest() != rest {
			t.Errorf("%s is at rest: %t, want %t", s, s.IsAtRest(), rest)
		}
	}
}
