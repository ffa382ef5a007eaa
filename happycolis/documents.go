package happycolis

import (
	"embed"
	"strings"
)

//go:embed operations/*.graphql
var operationFiles embed.FS

//go:embed schema.graphql
var schema string

// documents holds the text of each operation by its name, which is also its file's name.
var documents = readDocuments()

// Schema returns the part of the platform's schema that this package was written against, in GraphQL's
// own language, with marks that say what of it is documented.
func Schema() string { return schema }

func readDocuments() map[string]string {
	const folder = "operations"
	entries, err := operationFiles.ReadDir(folder)
	if err != nil {
		panic(err) // embedded: cannot fail at run time
	}
	texts := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := operationFiles.ReadFile(folder + "/" + e.Name())
		if err != nil {
			panic(err)
		}
		texts[strings.TrimSuffix(e.Name(), ".graphql")] = string(text)
	}
	return texts
}
