package sandbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/graph-gophers/graphql-go"
)

func TestAFieldWithoutResolverFailsAtStart(t *testing.T) {
	t.Parallel()
	const query = "type Query {\n"
	if !strings.Contains(schemaText, query) {
		t.Fatal("the schema has no type Query")
	}
	more := strings.Replace(schemaText, query, query+"  somethingNew: String\n", 1)
	if _, err := graphql.ParseSchema(more, &root{}, graphql.UseFieldResolvers()); err == nil {
		t.Error("a field of Query without a resolver was accepted")
	}
}

// TestEveryFaultIsTried fails when a kind of fault is added without a test, or not listed.
func TestEveryFaultIsTried(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "fault.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(raw)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		n++
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || !slices.Contains(Kinds(), kind) {
			t.Errorf("%s = %q is not in Kinds()", spec.Names[0].Name, kind)
		}
		if !strings.Contains(tests.String(), "sandbox."+spec.Names[0].Name+",") && !strings.Contains(tests.String(), "sandbox."+spec.Names[0].Name+"}") {
			t.Errorf("no test tries the mood %s", spec.Names[0].Name)
		}
		return true
	})
	if n != len(Kinds()) {
		t.Errorf("%d kinds declared, %d listed", n, len(Kinds()))
	}
}
