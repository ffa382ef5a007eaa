package handover_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFaultIsAStory fails when the sandbox learns a fault that no told story of the worker meets. The model
// draws faults too, but what it draws is nobody's to read.
func TestEveryFaultIsAStory(t *testing.T) {
	t.Parallel()
	const room = "../../happycolis/sandbox/fault.go"
	file, err := parser.ParseFile(token.NewFileSet(), room, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := told(t)
	moods := 0
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, is := node.(*ast.ValueSpec); is && len(spec.Values) == 1 {
			moods++
			if name := "sandbox." + spec.Names[0].Name; !strings.Contains(text, name+",") && !strings.Contains(text, name+"}") {
				t.Errorf("no story meets %s", name)
			}
		}
		return true
	})
	if moods == 0 {
		t.Errorf("%s declares no mood", room)
	}
}

// told is the text of every test that tells a story: of this room, of incidents, and of the whole program.
func told(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, room := range []string{".", "../incident", "../../cmd/reassigner", "../../cmd/internal/app", "../../cmd/internal/demo"} {
		names, err := filepath.Glob(filepath.Join(room, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasPrefix(filepath.Base(name), "model_") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}
