package strictyaml_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy/strictyaml"
)

func TestEveryNodeHasItsKindAndItsPlace(t *testing.T) {
	t.Parallel()
	text := "name: mug\ncount: 7\nready: true\nnothing:\nitems:\n  - a\nflow: {k: 1}\nname: twice\n"
	documents, problems := strictyaml.Parse([]byte(text), strictyaml.Rules{Document: "a test"})
	if len(problems) > 0 || len(documents) != 1 {
		t.Fatalf("got %d documents and the problems %v", len(documents), problems)
	}
	var got []string
	for _, f := range documents[0].Root.Fields {
		got = append(got, fmt.Sprintf("%d:%d %s = %d:%d %s %q", f.Key.Line, f.Key.Column, f.Key.Text, f.Value.Line, f.Value.Column, f.Value.Kind, f.Value.Text))
	}
	want := []string{
		`1:1 name = 1:7 text "mug"`, `2:1 count = 2:8 a number "7"`, `3:1 ready = 3:8 true or false "true"`,
		`4:1 nothing = 4:9 an empty value ""`, `5:1 items = 6:3 a list ""`, `7:1 flow = 7:7 a mapping ""`, `8:1 name = 8:7 text "twice"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
}

func TestDocumentsAreCountedAndHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "",
		"# nothing\n":        "",
		"a: 1\n":             "1:1 a mapping",
		"a: 1\n---\n- b\n":   "1:1 a mapping, 2:1 a list",
		"a: 1\n...\n---\nb:": "1:1 a mapping, 3:1 a mapping",
	} {
		documents, problems := strictyaml.Parse([]byte(text), strictyaml.Rules{Document: "a test"})
		if len(problems) > 0 {
			t.Errorf("%q: %v", text, problems)
		}
		var got []string
		for _, d := range documents {
			if d.Root.Kind != strictyaml.Absent {
				got = append(got, fmt.Sprintf("%d:%d %s", d.Start.Line, d.Start.Column, d.Root.Kind))
			}
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// What a reader asks for in its rules, and what is refused whatever they say.
func TestTheRulesOfADocument(t *testing.T) {
	t.Parallel()
	plain := strictyaml.Rules{Document: "a test"}
	keeping := strictyaml.Rules{Document: "a test", KeepUnsupported: true}
	secret := strictyaml.Rules{Document: "a test", HoldsSecrets: true}
	for _, c := range []struct {
		text  string
		rules strictyaml.Rules
		want  string // the first problem
	}{
		{"a: &x 1\nb: *x\n", plain, "1:4: anchors (&) are not supported in a test; write the value out"},
		{"a: &x 1\nb: *x\n", keeping, ""},
		{"a: !tag 1\n", keeping, ""},
		{"password: [hunter2\n", plain, "1:11: the file is not readable as YAML: sequence end token ']' not found"},
		{"password: [hunter2\n", secret, "1:11: the file is not readable as YAML"},
		{strings.Repeat("#", 1<<20+1), plain, "1:1: the file has 1048577 bytes; a test may have 1048576"},
		{"a: \xff", keeping, "1:1: the file is not UTF-8 text"},
		{strings.Repeat("[", 40) + strings.Repeat("]", 40), keeping, "1:33: lists and mappings are nested deeper than 32"},
		{strings.Repeat("- a\n", 60_000), keeping, "30001:1: the file has more than 60000 words and marks"},
	} {
		_, problems := strictyaml.Parse([]byte(c.text), c.rules)
		got := ""
		if len(problems) > 0 {
			got = problems[0].String()
		}
		if got != c.want {
			t.Errorf("%.40q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWhatYAMLRefersWithIsNoPlainValueWhereItIsKept(t *testing.T) {
	t.Parallel()
	documents, problems := strictyaml.Parse([]byte("a: &x 1\nb: *x\nc: !tag 1\n"), strictyaml.Rules{Document: "a test", KeepUnsupported: true})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, key := range []string{"a", "b", "c"} {
		if n := documents[0].Root.Child(key); n.Kind != strictyaml.Other || n.Kind.IsScalar() {
			t.Errorf("%s: got %s", key, n.Kind)
		}
	}
}
