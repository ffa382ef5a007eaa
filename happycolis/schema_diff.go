package happycolis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// SchemaGap is something that our operations use and the live schema does not have, or that it requires and we do not
// send.
type SchemaGap struct {
	What       string   // as "DeliveryOrder.shipments", "deliveryOrder(id:)" or "DeliveryOrderInput.lines"
	Operations []string // those of ours that the platform would refuse because of it
}

// hasFallback are the operations that other operations replace where the platform refuses them.
var hasFallback = map[string]bool{
	"deliveryOrder": true, "handover": true, "handoverWithoutShipments": true, "deliveryOrderOpenAndRequest": true,
	"liveSchema": true,
}

// BreaksHandover reports whether handovers fail because of it: it concerns an operation without a replacement.
func (l SchemaGap) BreaksHandover() bool {
	return slices.ContainsFunc(l.Operations, func(name string) bool { return !hasFallback[name] && !optionalOperations[name] })
}

// optionalOperations are the operations that no handover needs.
var optionalOperations = map[string]bool{"orderByReference": true, "integrationWebhookCreate": true, "shipmentDeliveryOrder": true}

// Gaps compares all our operations with the live schema.
func (s *LiveSchema) Gaps() ([]SchemaGap, error) {
	ours, err := ourSchema()
	if err != nil {
		return nil, err
	}
	d := &schemaDiff{live: s, ours: ours, found: map[string]map[string]bool{}}
	for name, document := range documents {
		doc, err := parser.ParseQuery(&ast.Source{Name: name, Input: document.text})
		if err != nil {
			return nil, fmt.Errorf("reading our operation %s: %w", name, err)
		}
		for _, op := range doc.Operations {
			d.checkOperation(name, op)
		}
	}
	var lacks []SchemaGap
	for _, what := range slices.Sorted(maps.Keys(d.found)) {
		lacks = append(lacks, SchemaGap{what, slices.Sorted(maps.Keys(d.found[what]))})
	}
	return lacks, nil
}

type schemaDiff struct {
	live  *LiveSchema
	ours  *ast.SchemaDocument
	found map[string]map[string]bool // gap: the operations that it concerns

	variables ast.VariableDefinitionList // of the operation being compared
}

func (d *schemaDiff) addGap(operation, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if d.found[what] == nil {
		d.found[what] = map[string]bool{}
	}
	d.found[what][operation] = true
}

func (d *schemaDiff) checkOperation(name string, op *ast.OperationDefinition) {
	root := d.live.query
	if op.Operation == ast.Mutation {
		root = d.live.mutation
	}
	d.variables = op.VariableDefinitions
	d.checkSelection(name, root, op.SelectionSet)
	for _, v := range op.VariableDefinitions {
		d.checkInput(name, v.Type.Name())
	}
}

func (d *schemaDiff) checkSelection(operation, typeName string, set ast.SelectionSet) {
	t, known := d.live.types[typeName]
	for _, selected := range set {
		f, isField := selected.(*ast.Field)
		if !isField || strings.HasPrefix(f.Name, "__") {
			continue // we use no fragments; what begins with __ is GraphQL's own
		}
		got, there := t.findField(f.Name)
		if !known || !there {
			d.addGap(operation, "%s.%s", typeName, f.Name)
			continue
		}
		for _, a := range f.Arguments {
			takes, there := findInput(got.Args, a.Name)
			v := d.variables.ForName(a.Value.Raw)
			switch {
			case !there:
				d.addGap(operation, "%s.%s(%s:)", typeName, f.Name, a.Name)
			case a.Value.Kind == ast.Variable && v != nil && v.Type.Name() != takes.Type.bareName():
				d.addGap(operation, "%s.%s(%s:) takes %s, we send %s", typeName, f.Name, a.Name, takes.Type.bareName(), v.Type.Name())
			}
		}
		for _, a := range got.Args {
			if a.isRequired() && f.Arguments.ForName(a.Name) == nil {
				d.addGap(operation, "%s.%s(%s:), which it demands", typeName, f.Name, a.Name)
			}
		}
		d.checkSelection(operation, got.Type.bareName(), f.SelectionSet)
	}
}

// checkInput compares an input type with ours of the same name: the fields that we may send, and those that it
// requires.
func (d *schemaDiff) checkInput(operation, name string) {
	ours := d.ours.Definitions.ForName(name)
	if ours == nil || ours.Kind != ast.InputObject {
		return
	}
	live, known := d.live.types[name]
	if !known {
		d.addGap(operation, "input %s", name)
		return
	}
	for _, f := range ours.Fields {
		if _, there := findInput(live.Inputs, f.Name); !there {
			d.addGap(operation, "%s.%s", name, f.Name)
		}
		d.checkInput(operation, f.Type.Name())
	}
	for _, f := range live.Inputs {
		if f.isRequired() && ours.Fields.ForName(f.Name) == nil {
			d.addGap(operation, "%s.%s, which it demands", name, f.Name)
		}
	}
}

// knownWords are the values of each enum of ours.
func knownWords() (map[string][]string, error) {
	ours, err := ourSchema()
	if err != nil {
		return nil, err
	}
	words := map[string][]string{}
	for _, t := range ours.Definitions {
		for _, v := range t.EnumValues {
			words[t.Name] = append(words[t.Name], v.Name)
		}
	}
	return words, nil
}

func ourSchema() (*ast.SchemaDocument, error) {
	ours, err := parser.ParseSchema(&ast.Source{Name: "schema.graphql", Input: Schema()})
	if err != nil {
		return nil, fmt.Errorf("reading our own schema: %w", err)
	}
	return ours, nil
}
