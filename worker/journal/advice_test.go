package journal_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

// TestAdviceIsWhatTheManualSays: the console's buttons are the verbs of the README's table.
func TestAdviceIsWhatTheManualSays(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[journal.Reason][]string{}
	for line := range strings.Lines(string(manual)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) == 6 && strings.HasPrefix(cells[1], " `") {
			told[journal.Reason(strings.Trim(cells[1], " `"))] = strings.Split(strings.TrimSpace(cells[4]), ", ")
		}
	}
	for _, reason := range journal.PersonReasons() {
		advice := reason.Advice()
		if advice.Do == "" {
			t.Errorf("%s: nothing is said to do", reason)
		}
		if diff := cmp.Diff(told[reason], advice.Verbs); diff != "" {
			t.Errorf("%s: verbs differ (-README +advice):\n%s", reason, diff)
		}
	}
}
