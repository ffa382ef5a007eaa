package policy

import (
	"github.com/goccy/go-yaml/token"
)

// Limits of a policy file. They are far above what anybody writes by hand, and keep a
// file that was not written by hand from exhausting the program that reads it.
const (
	maxBytes      = 1 << 20   // of the file
	maxTokens     = 60_000    // words and marks of the file; reading takes their square
	maxDepth      = 32        // lists and mappings within each other
	maxRules      = 200       // in a policy
	maxCandidates = 50        // in a rule
	maxNames      = 100       // in any other list
	maxNameLength = 200       // characters of the name of a rule or of a location
	maxNesting    = 4         // any and not within each other
	maxCount      = 1_000_000 // of units, handovers and shares
)

// guard refuses what a policy does not need and a reader could stumble over: too many
// tokens, too much depth, and everything by which YAML refers, merges and retypes.
func guard(tokens token.Tokens) Problems {
	if len(tokens) > maxTokens {
		return refused(placed(tokens[maxTokens].Position), "the file has more than %d words and marks", maxTokens)
	}
	var problems Problems
	var d depth
	for _, t := range tokens {
		at := placed(t.Position)
		if d.add(t) > maxDepth {
			return append(problems, refused(at, "lists and mappings are nested deeper than %d", maxDepth)...)
		}
		if what, unwanted := unwanted[t.Type]; unwanted {
			problems = append(problems, refused(at, "%s are not supported in a policy; write the value out", what)...)
		}
	}
	return problems
}

var unwanted = map[token.Type]string{
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

func placed(p *token.Position) node {
	if p == nil {
		return node{line: 1, column: 1}
	}
	return node{line: max(1, p.Line), column: max(1, p.Column)}
}
