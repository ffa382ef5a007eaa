package sandbox

import (
	"encoding/json"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// document is a GraphQL request, looked at before it is executed: faults, counts and latency go by
// its root fields.
type document struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`

	mutation bool
	fields   []string
	// values are all strings in the arguments of root fields, ids among them.
	values map[string]bool
}

func parseDocument(body []byte) (*document, error) {
	d := &document{values: map[string]bool{}}
	if err := json.Unmarshal(body, d); err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: d.Query})
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	op := doc.Operations.ForName(d.OperationName)
	if op == nil {
		return nil, fmt.Errorf("no operation named %q", d.OperationName)
	}
	d.mutation = op.Operation == ast.Mutation
	d.collect(doc, op.SelectionSet, 0)
	return d, nil
}

// maxSpread bounds how deep fragments of root fields may nest.
const maxSpread = 10

func (d *document) collect(doc *ast.QueryDocument, set ast.SelectionSet, depth int) {
	if depth > maxSpread {
		return
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			d.fields = append(d.fields, s.Name)
			for _, a := range s.Arguments {
				if v, err := a.Value.Value(d.Variables); err == nil {
					d.note(v)
				}
			}
		case *ast.InlineFragment:
			d.collect(doc, s.SelectionSet, depth+1)
		case *ast.FragmentSpread:
			if f := doc.Fragments.ForName(s.Name); f != nil {
				d.collect(doc, f.SelectionSet, depth+1)
			}
		}
	}
}

func (d *document) note(v any) {
	switch v := v.(type) {
	case string:
		d.values[v] = true
	case []any:
		for _, x := range v {
			d.note(x)
		}
	case map[string]any:
		for _, x := range v {
			d.note(x)
		}
	}
}
