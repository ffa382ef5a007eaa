package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

const configurationPage = "../../docs/configuration.md"

// documentedKey is a row of the page: a key, and its default as code, "required" or nothing.
var documentedKey = regexp.MustCompile("(?m)^\\| `([a-z_.\\[\\]]+)` \\| (`([^`]*)`|required|) *\\|")

// documentedKeys returns the keys of the page with the text of their defaults.
func documentedKeys(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile(configurationPage)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for _, row := range documentedKey.FindAllStringSubmatch(string(page), -1) {
		if _, again := keys[row[1]]; again {
			t.Errorf("docs/configuration.md explains %s twice", row[1])
		}
		keys[row[1]] = row[3]
	}
	return keys
}

var knownHere = regexp.MustCompile(`nonsense: unknown key; known here: (.*)`)

// knownKeys asks the program which keys it knows below one, "" for all of them: an unknown key is answered with those
// that are known. In the path of a key, [] stands for the items of a list.
func knownKeys(t *testing.T, path string) []string {
	t.Helper()
	var keys []string
	for _, form := range []string{path, path + "[]"} {
		text := "nonsense: 1"
		for _, name := range slices.Backward(strings.Split(form, ".")) {
			list, isList := strings.CutSuffix(name, "[]")
			switch {
			case isList:
				text = list + ": [{" + text + "}]"
			case name != "":
				text = name + ": {" + text + "}"
			}
		}
		file := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		match := knownHere.FindStringSubmatch(runVerb(t, apptest.Environment(), "config", "check", file).stderr)
		if match == nil {
			continue
		}
		for _, name := range strings.Split(match[1], ", ") {
			keys = append(keys, knownKeys(t, strings.TrimPrefix(form+"."+name, "."))...)
		}
		return keys
	}
	return []string{path}
}

func TestThePageOfTheConfigurationHasEveryKey(t *testing.T) {
	t.Parallel()
	documented := slices.Sorted(maps.Keys(documentedKeys(t)))
	known := knownKeys(t, "")
	slices.Sort(known)
	if len(known) < 40 {
		t.Fatalf("the program knows %d keys, %v; is it still asked in the right way?", len(known), known)
	}
	if diff := cmp.Diff(known, documented); diff != "" {
		t.Errorf("docs/configuration.md has not exactly the keys that the program knows (-known +documented):\n%s", diff)
	}
}

// TestTheDefaultsOnThePageAreTheDefaults: written out, they change nothing.
func TestTheDefaultsOnThePageAreTheDefaults(t *testing.T) {
	t.Parallel()
	written := map[string]any{}
	smallest, err := os.ReadFile("../internal/config/testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(smallest, &written); err != nil {
		t.Fatal(err)
	}
	count := 0
	for key, text := range documentedKeys(t) {
		if text == "" {
			continue
		}
		count++
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("%s: %s: %v", key, text, err)
		}
		at, names := written, strings.Split(key, ".")
		for _, name := range names[:len(names)-1] {
			section, _ := at[name].(map[string]any)
			if section == nil {
				section = map[string]any{}
			}
			at[name], at = section, section
		}
		at[names[len(names)-1]] = value
	}
	if count < 20 {
		t.Fatalf("docs/configuration.md has %d defaults; are they still read in the right way?", count)
	}
	whole, err := yaml.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	read := func(name string, content []byte) *config.Config {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(filepath.Join(dir, name), apptest.Environment("SECRET", "s"))
		if err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
		c.OpenPolicy = nil
		return c
	}
	if diff := cmp.Diff(read("smallest.yaml", smallest), read("whole.yaml", whole)); diff != "" {
		t.Errorf("with what docs/configuration.md calls the defaults, the configuration is another (-without +with):\n%s", diff)
	}
}
