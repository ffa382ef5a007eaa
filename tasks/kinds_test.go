package tasks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/tasks"
)

// declared returns the constants of type Kind as kinds.go declares them: name to value. A kind that is
// added is found here before anything else knows it.
func declared(t *testing.T) map[string]tasks.Kind {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]tasks.Kind{}
	ast.Inspect(source, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "Kind" {
			return true
		}
		for i, name := range spec.Names {
			value, err := strconv.Unquote(spec.Values[i].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds[name.Name] = tasks.Kind(value)
		}
		return true
	})
	if len(kinds) < 4 {
		t.Fatalf("found %d kinds in kinds.go; is this test still reading it right?", len(kinds))
	}
	return kinds
}

func TestEveryKindHasAGoldenPayload(t *testing.T) {
	t.Parallel()
	have := map[tasks.Kind]bool{}
	for _, g := range goldens() {
		have[g.kind] = true
	}
	for name, kind := range declared(t) {
		if !have[kind] {
			t.Errorf("%s has no row in goldens", name)
		}
		file(t, "", kind)
		file(t, "yesterday", kind)
	}
}

func TestEveryKindHasTerms(t *testing.T) {
	t.Parallel()
	messages := map[tasks.Kind]tasks.Message{}
	for _, g := range goldens() {
		messages[g.kind] = g.today
	}
	queues := map[string]bool{tasks.QueueHandover: true, tasks.QueueStart: true, tasks.QueueIncident: true, tasks.QueueSweep: true}
	for name, kind := range declared(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms, ok := tasks.PolicyOf(messages[kind])
			if !ok {
				t.Fatal("there are no terms")
			}
			if terms.Kind != kind {
				t.Errorf("they are those of %q, want %q", terms.Kind, kind)
			}
			if !queues[terms.Queue] {
				t.Errorf("queue %q is not served", terms.Queue)
			}
			if terms.MaxRetry < 1 {
				t.Errorf("MaxRetry is %d: the task of a killed worker would be archived at once", terms.MaxRetry)
			}
			if terms.Timeout < time.Second || terms.Timeout%time.Second != 0 {
				t.Errorf("timeout %s is not in whole seconds: below one second it silently becomes 30 minutes", terms.Timeout)
			}
			if terms.Retention <= 0 || terms.Retention > 24*time.Hour {
				t.Errorf("retention is %s, want some, and at most a day: the id stays taken as long", terms.Retention)
			}
		})
	}
}

func TestAReassignmentThatHasBegunGoesFirst(t *testing.T) {
	t.Parallel()
	fresh, _ := tasks.PolicyOf(tasks.Reassign{})
	begun, _ := tasks.PolicyOf(tasks.Reassign{Begun: true})
	if fresh.Queue != tasks.QueueStart || begun.Queue != tasks.QueueHandover {
		t.Errorf("queues are %q and %q, want %q and %q", fresh.Queue, begun.Queue, tasks.QueueStart, tasks.QueueHandover)
	}
	begun.Queue = fresh.Queue
	if diff := cmp.Diff(fresh, begun); diff != "" {
		t.Errorf("the other terms differ (-fresh +begun):\n%s", diff)
	}
}

// stranger is a message of a kind that is in no table.
type stranger struct{ tasks.Sweep }

func (stranger) Kind() tasks.Kind { return "stranger" }

func TestAKindThatIsNotInTheTableHasNoTerms(t *testing.T) {
	t.Parallel()
	if terms, ok := tasks.PolicyOf(stranger{}); ok {
		t.Errorf("it has %+v, want none", terms)
	}
}

// TestEveryKindIsHandled reads the tables of handlers where the worker is put together.
func TestEveryKindIsHandled(t *testing.T) {
	t.Parallel()
	tables := 0
	for _, folder := range []string{"../cmd", "../worker/wiring"} {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			source, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(source, func(n ast.Node) bool {
				table, ok := n.(*ast.CompositeLit)
				if ok && isHandlers(table.Type) {
					tables++
					wantAllKinds(t, path, table)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if tables == 0 {
		t.Error("no table of handlers was found; is this test still looking in the right place?")
	}
}

// isHandlers reports whether an expression is map[tasks.Kind]worker.Handler.
func isHandlers(of ast.Expr) bool {
	table, ok := of.(*ast.MapType)
	if !ok {
		return false
	}
	key, ok := table.Key.(*ast.SelectorExpr)
	value, both := table.Value.(*ast.SelectorExpr)
	return ok && both && key.Sel.Name == "Kind" && value.Sel.Name == "Handler"
}

func wantAllKinds(t *testing.T, path string, table *ast.CompositeLit) {
	t.Helper()
	handled := map[string]bool{}
	for _, row := range table.Elts {
		if pair, ok := row.(*ast.KeyValueExpr); ok {
			if kind, ok := pair.Key.(*ast.SelectorExpr); ok {
				handled[kind.Sel.Name] = true
			}
		}
	}
	if len(handled) == 0 {
		return // filled row by row, which this test does not follow
	}
	for name := range declared(t) {
		if !handled[name] {
			t.Errorf("%s: the table of handlers lacks %s", path, name)
		}
	}
}
