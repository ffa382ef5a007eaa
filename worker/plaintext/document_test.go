package plaintext

import "testing"

func TestADocumentHoldsNothingThatNobodySees(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Problem{
		"version: 1\nrules: []\n":                         {},
		"name: entrepôt de Łódź\u00a0!\r\nto: 👩\u200d🚀\r": {},
		"# copied\u200b from a page\na: 1 # \u202e\n":     {},
		"a:\n  - lyon-\u200bwarehouse\n":                  {2, 10, "the invisible character U+200B; take it out"},
		"a: 1\r\n\u00a0 b: 2":                             {2, 1, "a space of another kind (U+00A0) at the beginning of the line; write a plain one"},
		"a: \u202eb":                                      {1, 4, "the invisible character U+202E; take it out"},
		"a: 1\rb: \x1b":                                   {2, 4, "the invisible character U+001B; take it out"},
		"a: 1\u2028b: 2":                                  {1, 5, "a line break of another kind (U+2028); write a plain one"},
		"a: b#\ufeff":                                     {1, 6, "the invisible character U+FEFF; take it out"},
	} {
		got, _ := CheckDocument(text).(Problem)
		if got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}
