package config

import "happycolis-reassigner/policy/strictyaml"

// parseTree parses a file. Its error is one problem, since nothing can be read after it. A syntax error is reported
// without the lines around it, which may hold a secret.
func parseTree(data []byte) (root strictyaml.Node, p *problem) {
	start := strictyaml.Node{Line: 1, Column: 1}
	if data, p = decodeFile(data); p != nil {
		return root, p
	}
	documents, wrong := strictyaml.Parse(data, strictyaml.Rules{Document: "a configuration", KeepUnsupported: true, HoldsSecrets: true})
	switch {
	case len(wrong) > 0:
		return root, &problem{at: strictyaml.Node{Line: wrong[0].Line, Column: wrong[0].Column}, text: wrong[0].Message}
	case len(documents) > 1:
		return root, &problem{at: start, text: "the file holds more than one document; a configuration is one"}
	case len(documents) == 0 || documents[0].Root.Kind == strictyaml.Absent:
		start.Kind = strictyaml.Mapping
		return start, nil
	}
	return documents[0].Root, nil
}

// describeKind returns what a node is, for an error.
func describeKind(n strictyaml.Node) string {
	switch {
	case n.Kind.IsScalar():
		return "a single value"
	case n.Kind == strictyaml.Mapping:
		return "keys with values"
	case n.Kind == strictyaml.Other:
		return "an anchor, an alias or a tag"
	}
	return string(n.Kind)
}
