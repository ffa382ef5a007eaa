package main

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// configMost is the largest configuration file that is read, in bytes.
const configMost = 1 << 20

// node is one value of the configuration file, with its place.
type node struct {
	kind         kind
	line, column int
	text         string // of a scalar, as written
	items        []node
	fields       []field // in the order written, repeated keys included
}

type field struct{ key, value node }

// kind is what a node is, in the words of a message.
type kind string

const (
	absent  kind = ""
	null    kind = "an empty value"
	scalar  kind = "a single value"
	list    kind = "a list"
	mapping kind = "keys with values"
	strange kind = "an anchor, an alias or a tag"
)

// readTree turns the bytes of a file into a tree. Its error is one problem: there is no reading on after it.
func readTree(data []byte) (root node, p *problem) {
	start := node{line: 1, column: 1}
	if len(data) > configMost {
		return root, &problem{at: start, text: fmt.Sprintf("the file has %d bytes; a configuration may have %d", len(data), configMost)}
	}
	if data, p = documentText(data); p != nil {
		return root, p
	}
	defer func() {
		// The library has panicked on malformed input before.
		if recover() != nil {
			root, p = node{}, &problem{at: start, text: "the file is not readable as YAML"}
		}
	}()
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return root, unreadable(err)
	}
	if len(file.Docs) > 1 {
		return root, &problem{at: start, text: "the file holds more than one document; a configuration is one"}
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return node{kind: mapping, line: 1, column: 1}, nil
	}
	return convert(file.Docs[0].Body), nil
}

// unreadable is the place and the reason of a syntax error, without the lines around it: they may hold a
// secret.
func unreadable(err error) *problem {
	p := &problem{at: node{line: 1, column: 1}, text: "the file is not readable as YAML"}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		if token := syntax.GetToken(); token != nil {
			p.at = node{line: token.Position.Line, column: token.Position.Column}
		}
	}
	return p
}

func convert(n ast.Node) node {
	at := n.GetToken().Position
	out := node{kind: strange, line: at.Line, column: at.Column}
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = null
	case *ast.StringNode:
		out.kind, out.text = scalar, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = scalar, n.Value.Value
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = scalar, n.GetToken().Value
	case *ast.SequenceNode:
		out.kind = list
		for _, item := range n.Values {
			out.items = append(out.items, convert(item))
		}
	case *ast.MappingNode:
		out.kind = mapping
		for _, v := range n.Values {
			out.fields = append(out.fields, field{convert(v.Key), convert(v.Value)})
		}
		if !n.IsFlowStyle && len(out.fields) > 0 {
			out.line, out.column = out.fields[0].key.line, out.fields[0].key.column
		}
	}
	return out
}
