package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"

	"github.com/google/go-cmp/cmp"
)

const (
	cliPage      = "../../docs/cli.md"
	cliPageBegin = "<!-- From here on generated from the program's own help: change that, and run \"make docs\". -->\n"
	// updateVariable makes the tests of generated pages write the pages instead of comparing them.
	updateVariable = "REASSIGNER_UPDATE_DOCS"
)

// listedVerb is a line of a help that names a verb below the one asked.
var listedVerb = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}\S`)

// helpOfVerbs returns the help of a verb and of all below it, as sections of Markdown, and their names. The program is
// asked by its arguments only.
func helpOfVerbs(t *testing.T, verb ...string) (page string, names []string) {
	t.Helper()
	got := runVerb(t, apptest.Environment(), append(verb, "--help")...)
	if got.code != cli.ExitDone || got.stderr != "" {
		t.Fatalf("%v --help: got %d %s", verb, got.code, got.stderr)
	}
	help, _, _ := strings.Cut(got.stdout, "\nAdditional Commands:")
	help, _, _ = strings.Cut(help, "\nFlags:")
	below := listedVerb.FindAllStringSubmatch(help, -1)
	if name := strings.Join(verb, " "); len(below) == 0 || name == "completion" {
		// What completion has for each shell is not ours to explain.
		return "\n### " + name + "\n\n```text\n" + strings.TrimSpace(got.stdout) + "\n```\n", []string{name}
	}
	for _, match := range below {
		section, found := helpOfVerbs(t, append(append([]string{}, verb...), match[1])...)
		page, names = page+section, append(names, found...)
	}
	return page, names
}

func TestThePageOfTheCommandLineIsWhatTheHelpSays(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(cliPage)
	if err != nil {
		t.Fatal(err)
	}
	written, generated, found := strings.Cut(string(page), cliPageBegin)
	if !found {
		t.Fatalf("%s lacks the line %s", cliPage, cliPageBegin)
	}
	want, names := helpOfVerbs(t)
	if len(names) < 20 {
		t.Fatalf("the help names %d verbs, %v; is it still read in the right way?", len(names), names)
	}
	if os.Getenv(updateVariable) == "1" {
		if err := os.WriteFile(cliPage, []byte(written+cliPageBegin+want), 0o644); err != nil {
			t.Fatal(err)
		}
		generated = want
	}
	if diff := cmp.Diff(want, generated); diff != "" {
		t.Errorf("docs/cli.md is not what the help says; make docs writes it anew (-want +got):\n%s", diff)
	}
	for _, name := range names {
		if !regexp.MustCompile("(?m)^\\|.*`" + name + "[ `].*\\|").MatchString(written) {
			t.Errorf("the table of verbs in docs/cli.md lacks %q", name)
		}
	}
}
