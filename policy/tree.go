package policy

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// node is one value of the file, with its place. It is all that the words see of YAML.
type node struct {
	kind         kind
	line, column int
	text         string  // of a text, a number or a truth, as written
	items        []node  // of a list
	fields       []field // of a mapping, in the order written, repeated keys included
}

// child returns the value of a key, absent if there is none.
func (n node) child(key string) node {
	for _, f := range n.fields {
		if f.key.text == key {
			return f.value
		}
	}
	return node{}
}

// field is one line of a mapping.
type field struct{ key, value node }

// kind is what a node is, in the words of a message.
type kind string

const (
	absent  kind = "" // nothing is written there; the node may still have a place
	null    kind = "an empty value"
	text    kind = "text"
	number  kind = "a number"
	truth   kind = "true or false"
	list    kind = "a list"
	mapping kind = "a mapping"
	other   kind = "something unusual"
)

// String is the kind, or nothing for what is not there.
func (k kind) String() string {
	if k == absent {
		return "nothing"
	}
	return string(k)
}

// readTree turns the bytes into a tree. It guards what the YAML library does not: the
// size, the number of tokens and the depth, before anything recurses.
func readTree(data []byte) (root node, problems Problems) {
	start := node{line: 1, column: 1}
	if len(data) > maxBytes {
		return root, refused(start, "the file has %d bytes; a policy may have %d", len(data), maxBytes)
	}
	if !utf8.Valid(data) {
		return root, refused(start, "the file is not UTF-8 text")
	}
	defer func() {
		// A policy is read again while the worker runs. A fault of the library, which
		// has panicked on malformed input before, must cost the file and not the worker.
		if recover() != nil {
			root, problems = node{}, refused(start, "the file is not readable as YAML")
		}
	}()
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if problems = guard(tokens); len(problems) > 0 {
		return root, problems
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return root, unreadable(err)
	}
	if len(file.Docs) > 1 {
		return root, refused(second(file), "a policy is one document; a second one begins here")
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return root, refused(start, "the file is empty; a policy begins with version: 1")
	}
	return convert(file.Docs[0].Body), nil
}

func refused(at node, format string, args ...any) Problems {
	return Problems{{Line: at.line, Column: at.column, Message: fmt.Sprintf(format, args...)}}
}

// unreadable is the place and the reason of a syntax error, without the lines around it.
func unreadable(err error) Problems {
	at := node{line: 1, column: 1}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return refused(at, "the file is not readable as YAML")
	}
	if token := syntax.GetToken(); token != nil {
		at = placed(token.Position)
	}
	return refused(at, "the file is not readable as YAML: %s", syntax.GetMessage())
}

func second(file *ast.File) node {
	if start := file.Docs[1].Start; start != nil {
		return placed(start.Position)
	}
	if body := file.Docs[1].Body; body != nil {
		return convert(body)
	}
	return node{line: 1, column: 1}
}

// convert recurses no deeper than guard allows.
func convert(n ast.Node) node {
	out := placed(n.GetToken().Position)
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = null
	case *ast.StringNode:
		out.kind, out.text = text, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = text, n.Value.Value
	case *ast.BoolNode:
		out.kind, out.text = truth, n.Token.Value
	case *ast.IntegerNode:
		out.kind, out.text = number, n.Token.Value
	case *ast.FloatNode:
		out.kind, out.text = number, n.Token.Value
	case *ast.InfinityNode:
		out.kind, out.text = number, n.Token.Value
	case *ast.NanNode:
		out.kind, out.text = number, n.Token.Value
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
	default:
		out.kind = other
	}
	return out
}
