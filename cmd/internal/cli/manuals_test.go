package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// commandOfOurs is a command in a manual: in a code span, or a line of a block.
var commandOfOurs = regexp.MustCompile("(?m)(?:`|^ *)((?:bin/)?reassigner [a-z][^`#\n]*)")

func TestTheManualsShowCommandsThatExist(t *testing.T) {
	t.Parallel()
	for _, manual := range []string{"../../../README.md", "../../../worker/metrics/README.md", "../../../policy/README.md"} {
		data, err := os.ReadFile(manual)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, match := range commandOfOurs.FindAllStringSubmatch(strings.ReplaceAll(string(data), "\\\n", " "), -1) {
			line, _, _ := strings.Cut(match[1], " &&")
			found++
			root := (&cli{getenv: environment()}).root()
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
