package notify

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// forged is a name that forges a line, steers a terminal, turns the direction of writing and runs a command.
// It mentions everybody, and makes a link of a text.
const forged = "SO-1'; reboot\r\nFORGED \x1b[2J\u202e\u200b @everyone <!channel> [open](https://evil.example)"

// renamed is a subject in which others have put that name wherever they can.
func renamed(s incidentState) incidentState {
	inc := *s.Incident
	inc.Location, s.blocking = forged, slices.Clone(s.blocking)
	for i := range s.blocking {
		s.blocking[i].Detail += forged
	}
	rename := func(targets map[string]int) map[string]int {
		renamed := map[string]int{}
		for name, n := range targets {
			renamed[name+forged] = n
		}
		return renamed
	}
	if inc.Report != nil {
		report := *inc.Report
		report.Targets = rename(report.Targets)
		inc.Report = &report
	}
	s.Incident, s.tally.Targets, s.urgent = &inc, rename(maps.Clone(s.tally.Targets)), slices.Clone(s.urgent)
	for i := range s.urgent {
		s.urgent[i].order = forged
	}
	return s
}

func TestNoMessageIsChangedByTheNamesInIt(t *testing.T) {
	t.Parallel()
	for name, m := range messages {
		var subjects []incidentState
		for _, s := range m.subjects {
			subjects = append(subjects, renamed(s))
		}
		plain, got := said(t, m.subjects, m.known, m.change), said(t, subjects, m.known, m.change)
		if strings.Count(plain.Text, "\n") != strings.Count(got.Text, "\n") || strings.Contains(got.Title, "\n") {
			t.Errorf("%s: a name makes lines of its own:\n%s", name, got.Text)
		}
		for _, r := range got.Title + got.Text {
			if !unicode.IsPrint(r) && r != '\n' {
				t.Errorf("%s: %U is in the message:\n%q", name, r, got.Text)
				break
			}
		}
		for _, markup := range []string{"@", "<", ">", "](", "https://evil"} {
			if strings.Contains(got.Title+got.Text, markup) {
				t.Errorf("%s: %q of a name is in the message:\n%s", name, markup, got.Text)
			}
		}
		for line := range strings.Lines(got.Text) {
			if at := strings.Index(line, ": reassigner "); at >= 0 && strings.Contains(line[at:], "reboot") && !strings.Contains(line[at:], plaintext.ShellWord(forged)) {
				t.Errorf("%s: a name changes a command: %s", name, line)
			}
		}
	}
}

func TestAnUrgentMessageNamesTheOrderThatACommandUnderstands(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"SO-10001": "orders leave SO-10001 --reason", "--incident=inc-1": "orders leave do_1 --reason",
		"SO 1": "orders leave do_1 --reason", "": "orders leave do_1 --reason", "so@everyone": "orders leave do_1 --reason", forged: "orders leave do_1 --reason"} {
		s := at(journal.Watching, twice("SO-10001"))
		s.urgent[0] = row{number, "do_1", journal.ReleasedThenRejected}
		if got := said(t, []incidentState{s}, map[string]notified{s.ID: {Stage: moving}}, nil); !strings.Contains(got.Text, want) {
			t.Errorf("%q: want %q in\n%s", number, want, got.Text)
		}
	}
}
