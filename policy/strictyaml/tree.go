package strictyaml

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

// Node is one value of a file, with its place. It is all that a reader sees of YAML.
type Node struct {
	Kind         Kind
	Line, Column int     // from 1, in characters
	Text         string  // of a text, a number or a truth, as written
	Items        []Node  // of a list
	Fields       []Field // of a mapping, in the order written, repeated keys included
}

// Child returns the value of a key, absent if there is none.
func (n Node) Child(key string) Node {
	for _, f := range n.Fields {
		if f.Key.Text == key {
			return f.Value
		}
	}
	return Node{}
}

// Field is one line of a mapping.
type Field struct{ Key, Value Node }

// Kind is what a node is, in the words of a message.
type Kind string

// The kinds of nodes.
const (
	Absent  Kind = "" // nothing is written there; the node may still have a place
	Null    Kind = "an empty value"
	Text    Kind = "text"
	Number  Kind = "a number"
	Truth   Kind = "true or false"
	List    Kind = "a list"
	Mapping Kind = "a mapping"
	Other   Kind = "something unusual" // an anchor, an alias, a tag
)

// String is the kind, or nothing for what is not there.
func (k Kind) String() string {
	if k == Absent {
		return "nothing"
	}
	return string(k)
}

// IsScalar reports whether a node of this kind is a single value, and has a text.
func (k Kind) IsScalar() bool { return k == Text || k == Number || k == Truth }

// Problem is one thing that is wrong with a file. Line and Column count from 1, in
// characters.
type Problem struct {
	Line, Column int
	Message      string
}

// String is "line:column: message".
func (p Problem) String() string {
	return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
}

// Rules say how strictly a file is read.
type Rules struct {
	Document        string // what the file is, in messages: "a policy"
	KeepUnsupported bool   // anchors, aliases and tags are nodes of the kind [Other]; else they are problems
	HoldsSecrets    bool   // a syntax error tells its place alone, and quotes nothing
}

// Document is one document of a file, and where it begins.
type Document struct {
	Start Node
	Root  Node // of the kind [Absent] if the document is empty
}

// Parse turns the bytes of a file into a tree for each document in it; there may be none. It guards what the YAML
// library does not: the size, the number of tokens and the depth, before anything recurses.
func Parse(data []byte, rules Rules) (documents []Document, problems []Problem) {
	start := Node{Line: 1, Column: 1}
	if len(data) > maxBytes {
		return nil, problemAt(start, "the file has %d bytes; %s may have %d", len(data), rules.Document, maxBytes)
	}
	if !utf8.Valid(data) {
		return nil, problemAt(start, "the file is not UTF-8 text")
	}
	defer func() {
		// A policy is read again while the worker runs. A fault of the library, which
		// has panicked on malformed input before, must cost the file and not the worker.
		if recover() != nil {
			documents, problems = nil, problemAt(start, "the file is not readable as YAML")
		}
	}()
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if problems = rules.checkTokens(tokens); len(problems) > 0 {
		return nil, problems
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, rules.syntaxProblem(err)
	}
	for _, d := range file.Docs {
		documents = append(documents, convertDocument(d))
	}
	return documents, nil
}

func problemAt(at Node, format string, args ...any) []Problem {
	return []Problem{{Line: at.Line, Column: at.Column, Message: fmt.Sprintf(format, args...)}}
}

// syntaxProblem is the place and the reason of a syntax error, without the lines around it.
func (r Rules) syntaxProblem(err error) []Problem {
	at := Node{Line: 1, Column: 1}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return problemAt(at, "the file is not readable as YAML")
	}
	if token := syntax.GetToken(); token != nil {
		at = positionOf(token.Position)
	}
	if r.HoldsSecrets {
		return problemAt(at, "the file is not readable as YAML")
	}
	return problemAt(at, "the file is not readable as YAML: %s", syntax.GetMessage())
}

func convertDocument(d *ast.DocumentNode) Document {
	out := Document{Start: Node{Line: 1, Column: 1}}
	if d.Body != nil {
		out.Root = convertNode(d.Body)
		out.Start = Node{Line: out.Root.Line, Column: out.Root.Column}
	}
	if d.Start != nil {
		out.Start = positionOf(d.Start.Position)
	}
	return out
}

// convertNode recurses no deeper than checkTokens allows.
func convertNode(n ast.Node) Node {
	out := positionOf(n.GetToken().Position)
	switch n := n.(type) {
	case *ast.NullNode:
		out.Kind = Null
	case *ast.StringNode:
		out.Kind, out.Text = Text, n.Value
	case *ast.LiteralNode:
		out.Kind, out.Text = Text, n.Value.Value
	case *ast.BoolNode:
		out.Kind, out.Text = Truth, n.Token.Value
	case *ast.IntegerNode:
		out.Kind, out.Text = Number, n.Token.Value
	case *ast.FloatNode:
		out.Kind, out.Text = Number, n.Token.Value
	case *ast.InfinityNode:
		out.Kind, out.Text = Number, n.Token.Value
	case *ast.NanNode:
		out.Kind, out.Text = Number, n.Token.Value
	case *ast.SequenceNode:
		out.Kind = List
		for _, item := range n.Values {
			out.Items = append(out.Items, convertNode(item))
		}
	case *ast.MappingNode:
		out.Kind = Mapping
		for _, v := range n.Values {
			out.Fields = append(out.Fields, Field{convertNode(v.Key), convertNode(v.Value)})
		}
		if !n.IsFlowStyle && len(out.Fields) > 0 {
			out.Line, out.Column = out.Fields[0].Key.Line, out.Fields[0].Key.Column
		}
	default:
		out.Kind = Other
	}
	return out
}
