package policy

import (
	"fmt"

	"happycolis-reassigner/policy/strictyaml"
)

// readDocument turns the bytes of a file of ours, a policy or facts, into its tree.
func readDocument(data []byte) (strictyaml.Node, Problems) {
	documents, problems := strictyaml.Parse(data, strictyaml.Rules{Document: "a policy"})
	switch {
	case len(problems) > 0:
		return strictyaml.Node{}, problems
	case len(documents) > 1:
		return strictyaml.Node{}, problemAt(documents[1].Start, "a policy is one document; a second one begins here")
	case len(documents) == 0 || documents[0].Root.Kind == strictyaml.Absent:
		return strictyaml.Node{}, problemAt(strictyaml.Node{Line: 1, Column: 1}, "the file is empty; a policy begins with version: 1")
	}
	return documents[0].Root, nil
}

func problemAt(at strictyaml.Node, format string, args ...any) Problems {
	return Problems{{Line: at.Line, Column: at.Column, Message: fmt.Sprintf(format, args...)}}
}
