package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
)

// cliPageBegin is where the generated part of docs/cli.md begins.
const cliPageBegin = "<!-- From here on generated from the program's own help: change that, and run \"make docs\". -->\n"

// commandOfOurs is a command in a manual: in a code span, or a line of a block.
var commandOfOurs = regexp.MustCompile("(?m)(?:`|^ *)((?:bin/)?reassigner [a-z][^`#\n]*)")

func TestTheManualsShowCommandsThatExist(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("docs/ has %d pages: %v", len(pages), err)
	}
	for _, manual := range append(pages, "../../../README.md", "../../../worker/metrics/README.md", "../../../policy/README.md") {
		data, err := os.ReadFile(manual)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		text, _, _ := strings.Cut(string(data), cliPageBegin) // what follows there is made of the help, with its [flags]
		for _, match := range commandOfOurs.FindAllStringSubmatch(strings.ReplaceAll(text, "\\\n", " "), -1) {
			line, _, _ := strings.Cut(match[1], " &&")
			found++
			root := (&cli{getenv: apptest.Environment()}).root()
			command, rest, err := root.Find(words(line)[1:])
			if err != nil || command == root {
				t.Errorf("%s: %s: no such verb: %v", manual, line, err)
				continue
			}
			if err := command.ParseFlags(rest); err != nil {
				t.Errorf("%s: %s: %v", manual, line, err)
			}
			if command.Flags().NArg() == 0 {
				continue // a verb as such
			}
			if err := command.ValidateArgs(command.Flags().Args()); err != nil {
				t.Errorf("%s: %s: %v", manual, line, err)
			}
		}
		if found == 0 {
			t.Errorf("%s: no command was found", manual)
		}
	}
}
