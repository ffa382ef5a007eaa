package happycolis

import (
	"embed"
	"strings"
)

//go:embed operations/*.graphql
var operationFiles embed.FS

//go:embed schema.graphql
var schema string

// document is one operation.
type document struct {
	text     string
	mutation bool // it changes something, so it is never sent twice
}

// documents has each operation by its name, which is also the name of its file.
var documents = readDocuments()

// Schema returns the part of the platform's schema that this package was written for, in GraphQL's schema language.
// Comments in it mark what is documented.
func Schema() string { return schema }

func readDocuments() map[string]document {
	const folder = "operations"
	entries, err := operationFiles.ReadDir(folder)
	if err != nil {
		panic(err) // embedded: cannot fail at run time
	}
	documents := make(map[string]document, len(entries))
	for _, e := range entries {
		text, err := operationFiles.ReadFile(folder + "/" + e.Name())
		if err != nil {
			panic(err)
		}
		documents[strings.TrimSuffix(e.Name(), ".graphql")] = document{string(text), strings.HasPrefix(string(text), "mutation ")}
	}
	return documents
}
