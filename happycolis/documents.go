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
	mutation bool // it changes something: it is never sent twice
}

// documents holds each operation by its name, which is also its file's name.
var documents = readDocuments()

// Schema returns the part of the platform's schema that this package was written against, in GraphQL's
// own language, with marks that say what of it is documented.
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
