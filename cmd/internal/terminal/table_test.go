package terminal

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATableFitsItsTerminal(t *testing.T) {
	t.Parallel()
	rows := &Table{Head: []string{"ORDER", "DELIVERY ORDER", "REASON", "AT"}}
	const id = "126d8a47-c0df-0e73-d425-64aabdd22fc6"
	rows.Add("SO-1", id, "no fallback takes it now, and somebody has to look", "14:15 CET")
	for width, want := range map[int]string{
		0: "ORDER   DELIVERY ORDER                         REASON                                               AT\n" +
			"SO-1    " + id + "   no fallback takes it now, and somebody has to look   14:15 CET\n",
		90: "ORDER   DELIVERY ORDER                         REASON                            AT\n" +
			"SO-1    " + id + "   no fallback takes it now, and     14:15 CET\n" +
			"                                               somebody has to look\n",
		60: "ORDER   DELIVERY ORDER\n" +
			"  REASON                                           AT\n" +
			"SO-1    " + id + "\n" +
			"  no fallback takes it now, and somebody has to    14:15 CET\n" +
			"  look\n",
		30: "ORDER\n  DELIVERY ORDER\n  REASON\n  AT\n" +
			"SO-1\n  126d8a47-c0df-0e73-d425-64aa\n  bdd22fc6\n  no fallback takes it now,\n  and somebody has to look\n  14:15 CET\n",
	} {
		var out bytes.Buffer
		rows.draw(NewOutput(&out), "", width, Painter{})
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); width > 0 && n > width {
				t.Errorf("a line of %d characters on a terminal of %d: %s", n, width, line)
			}
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("on %d columns (-want +got):\n%s", width, diff)
		}
	}
	states := &Table{Head: []string{"STATE"}}
	states.Add("needs_person")
	var out bytes.Buffer
	states.draw(NewOutput(&out), "", 0, Painter{on: true, words: map[string]string{"needs_person": Yellow}})
	if !strings.Contains(out.String(), "\x1b[33mneeds_person\x1b[0m") {
		t.Errorf("no colour: %q", out.String())
	}
}

func TestThereIsColourOnATerminalOnlyAndNotWhereItIsUnwanted(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	defer terminal.Close()
	for name, c := range map[string]struct {
		stdout io.Writer
		env    func(string) string
		want   string
	}{
		"a terminal":                 {terminal, environment("", ""), "\x1b[31mx\x1b[0m"},
		"a terminal with NO_COLOR":   {terminal, environment("NO_COLOR", "1"), "x"},
		"a terminal that knows none": {terminal, environment("TERM", "dumb"), "x"},
		"a file":                     {&bytes.Buffer{}, environment("", ""), "x"},
	} {
		if got := NewPainter(NewOutput(c.stdout), c.env, nil).Paint(Red, "x"); string(got) != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestSentencesAreBrokenAtTheWidthOfTheTerminal(t *testing.T) {
	t.Parallel()
	const sentence = "Candidate lyon-warehouse is admitted: active wanted true, saw true"
	for width, want := range map[int]string{
		0: sentence, 80: sentence, 40: "Candidate lyon-warehouse is admitted:\n  active wanted true, saw true",
		20: "Candidate\n  lyon-warehouse is\n  admitted: active\n  wanted true, saw\n  true",
		12: "Candidate\n  lyon-wareh\n  ouse is\n  admitted:\n  active\n  wanted\n  true, saw\n  true",
	} {
		if diff := cmp.Diff(want, Fold(sentence, width)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", width, diff)
		}
	}
}

func TestColumnsStandWhateverIsInThem(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	rows := &Table{Head: []string{"ORDER", "IS"}}
	rows.Add("a\x1b\nb", "PENDING")
	rows.Add("SO-1", "DRAFT")
	rows.Print(NewOutput(&out), "")
	if want := "ORDER        IS\na\\x1b\\x0ab   PENDING\nSO-1         DRAFT\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// environment is an environment of one variable.
func environment(name, value string) func(string) string {
	return func(asked string) string { return map[string]string{name: value}[asked] }
}
