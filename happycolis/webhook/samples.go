package webhook

import (
	"embed"
	"slices"
	"strings"
)

//go:embed samples/*.json
var samples embed.FS

// Sample returns the body of the sample with this name, and whether there is one. The samples are indented; sign
// exactly the bytes that are sent.
func Sample(name string) ([]byte, bool) {
	body, err := samples.ReadFile("samples/" + name + ".json")
	return body, err == nil
}

// Samples returns the names that Sample knows, sorted.
func Samples() []string {
	entries, err := samples.ReadDir("samples")
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}
