package happycolis

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func TestEachDocumentFitsTheSchema(t *testing.T) {
	t.Parallel()
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: Schema()})
	if err != nil {
		t.Fatalf("loading the schema: %v", err)
	}
	for name, document := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, errs := gqlparser.LoadQueryWithRules(parsed, document.text, rules.NewDefaultRules())
			if errs != nil {
				t.Fatalf("got %v, want a valid document", errs)
			}
			if len(doc.Operations) != 1 || doc.Operations[0].Name != name {
				t.Fatalf("got %d operations, the first %q; want one, named as its file", len(doc.Operations), doc.Operations[0].Name)
			}
			if isMutation := doc.Operations[0].Operation == ast.Mutation; document.mutation != isMutation {
				t.Errorf("mutation is %t, want %t", document.mutation, isMutation)
			}
			forbidPersonal(t, doc.Operations[0], doc.Operations[0].SelectionSet)
		})
	}
}

// forbidPersonal fails for each selected field that may carry personal data or free text. Only a
// MutationResult's message may be asked for: it goes to the debug hook.
func forbidPersonal(t *testing.T, op *ast.OperationDefinition, set ast.SelectionSet) {
	t.Helper()
	personal := regexp.MustCompile(`(?i)fullname|address$|city|zip|phone|email|label|title|description|comment|reference|reason|contact`)
	for _, s := range set {
		f, isField := s.(*ast.Field)
		if !isField {
			t.Errorf("%s: a fragment hides what is selected", op.Name)
			continue
		}
		owner := f.ObjectDefinition.Name
		inside := owner == "DeliveryOrder" && f.Name == "deliveryAddress"
		if personal.MatchString(f.Name) && !inside || f.Name == "message" && owner != "MutationResult" {
			t.Errorf("%s selects %s.%s", op.Name, owner, f.Name)
		}
		if inside && (len(f.SelectionSet) != 1 || f.SelectionSet[0].(*ast.Field).Name != "country") {
			t.Errorf("%s selects more of the address than the country", op.Name)
		}
		forbidPersonal(t, op, f.SelectionSet)
	}
}

func TestEachDocumentIsUsedByExactlyOneMethod(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// The methods hand a document's name to one of these, as a literal.
	use := regexp.MustCompile(`a\.(?:callAPI|sendMutation|readDeliveryOrder|readOrder|readLocation)\(ctx, "(\w+)"`)
	got := map[string]int{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range use.FindAllStringSubmatch(string(source), -1) {
			got[found[1]]++
		}
	}
	want := map[string]int{}
	for name := range documents {
		want[name] = 1
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("uses of the documents (-want +got):\n%s", diff)
	}
}
