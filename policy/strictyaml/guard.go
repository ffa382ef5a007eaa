package strictyaml

import (
	"github.com/goccy/go-yaml/token"
)

// Limits of a file. They are far above what anybody writes by hand, and keep a file that was not written by hand from
// exhausting the program that reads it.
const (
	maxBytes  = 1 << 20 // of the file
	maxTokens = 60_000  // words and marks of the file; reading takes their square
	maxDepth  = 32      // lists and mappings within each other
)

// checkTokens refuses what could exhaust a reader, too many tokens and too much depth, and, unless the document may
// hold it, everything by which YAML refers, merges and retypes.
func (r Rules) checkTokens(tokens token.Tokens) []Problem {
	if len(tokens) > maxTokens {
		return problemAt(positionOf(tokens[maxTokens].Position), "the file has more than %d words and marks", maxTokens)
	}
	var problems []Problem
	var d depth
	for _, t := range tokens {
		at := positionOf(t.Position)
		if d.add(t) > maxDepth {
			return append(problems, problemAt(at, "lists and mappings are nested deeper than %d", maxDepth)...)
		}
		if what, unsupported := unsupportedTokens[t.Type]; unsupported && !r.KeepUnsupported {
			problems = append(problems, problemAt(at, "%s are not supported in %s; write the value out", what, r.Document)...)
		}
	}
	return problems
}

var unsupportedTokens = map[token.Type]string{
	token.AnchorType:     "anchors (&)",
	token.AliasType:      "aliases (*)",
	token.MergeKeyType:   "merge keys (<<)",
	token.TagType:        "tags (!)",
	token.DirectiveType:  "directives (%)",
	token.MappingKeyType: "complex keys (?)",
}

// depth follows how deep the tokens are nested: in brackets by counting them, outside by
// the columns where lists and keys begin, which grow with every level.
type depth struct {
	brackets int
	columns  []int
}

func (d *depth) add(t *token.Token) int {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		d.brackets++
	case token.SequenceEndType, token.MappingEndType:
		d.brackets = max(0, d.brackets-1)
	case token.SequenceEntryType, token.MappingKeyType:
		d.begin(t)
	case token.MappingValueType:
		if t.Prev != nil { // the key
			d.begin(t.Prev)
		}
	}
	return d.brackets + len(d.columns)
}

func (d *depth) begin(t *token.Token) {
	if d.brackets > 0 {
		return
	}
	n := len(d.columns)
	for n > 0 && d.columns[n-1] >= t.Position.Column {
		n--
	}
	d.columns = append(d.columns[:n], t.Position.Column)
}

// positionOf is an empty node at a position.
func positionOf(p *token.Position) Node {
	if p == nil {
		return Node{Line: 1, Column: 1}
	}
	return Node{Line: max(1, p.Line), Column: max(1, p.Column)}
}
