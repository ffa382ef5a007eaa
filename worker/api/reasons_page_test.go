package api

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	reasonsPage = "../../docs/reasons.md"
	// updateVariable makes the tests of generated pages write the pages instead of comparing them.
	updateVariable = "REASSIGNER_UPDATE_DOCS"
)

// reasonsBegin is what the page says before its table.
const reasonsBegin = `# Reasons

<!-- Generated from worker/api/explanations.go: change that, and run "make docs". -->

Every delivery order of an incident ends as *reassigned*, as *needs a person* or as *left*. The last two have a reason:
one of the words below. The command line, the console and the alerts show the same words.

What needs an operator stands in ` + "`reassigner orders list --needs-person`" + `, in the console, and in the queue's web UI
as an archived task; ` + "`reassigner orders show NAME`" + ` tells its whole story. Three verbs act on it:

- *retry* goes on at the first step that is not proven done, after fresh reads. As long as nothing was sent, it asks
  every candidate anew. It is harmless at any time, but for ` + "`replacement_cancelled`" + ` it makes another replacement.
- *leave* closes the row. What was prepared and not sent is withdrawn.
- *proceed* applies to ` + "`cancel_unconfirmed`" + ` only: it sends the replacement without a confirmed cancellation. Whoever uses
  it answers for it.

*retry* and *leave* apply to every reason but ` + "`journal_corrupt`" + `, which can only be left. The last column of the table
says which of them helps.

How dangerous a row is depends on the reason and on how far the handover is. Rows are listed, and told of, the most dangerous
first; as ` + "`severity`" + ` it stands in the JSON of a row, null where no operator is waited for:

- **may ship twice** (` + "`may_ship_twice`" + `): two delivery orders that were sent cover the same units, or may. Act at once.
- **nobody ships** (` + "`nobody_ships`" + `): the original is cancelled, or its cancellation was sent, and no other location is known
  to ship all of it.
- **waits** (` + "`waits`" + `): the original stands as it stood before.

Where a replacement was sent although the release is not confirmed, every reason means *may ship twice*.

## Needs an operator

| reason | in short | before the release | once the release began | what helps |
|---|---|---|---|---|
`

// renderReasons makes the page from the table.
func renderReasons() string {
	page := &strings.Builder{}
	page.WriteString(reasonsBegin)
	for _, r := range PersonReasons() {
		fmt.Fprintf(page, "| [`%s`](#%s) | %s | %s | %s | %s |\n", r, r, shortMeaning(r), SeverityOf(r, NotReleased).Words(),
			SeverityOf(r, ReleaseBegun).Words(), verbList(r))
	}
	for _, r := range PersonReasons() {
		fmt.Fprintf(page, "\n### `%s`\n\n%s\n\n- What to do: %s\n- What helps: %s\n", r, fullMeaning(r), r.Advice().Do, verbList(r))
	}
	page.WriteString("\n## Left where it is\n\nNothing has to be done about these.\n\n| reason | why |\n|---|---|\n")
	for _, r := range LeftReasons() {
		fmt.Fprintf(page, "| `%s` | %s |\n", r, fullMeaning(r))
	}
	return page.String()
}

// shortMeaning is the meaning for a cell of the table. Urgent is marked as Markdown does.
func shortMeaning(r Reason) string {
	text, urgent := strings.CutPrefix(r.Meaning(), "URGENT: ")
	if urgent {
		return "**urgent:** " + text
	}
	return text
}

// fullMeaning is the meaning as a sentence, and what else is to know.
func fullMeaning(r Reason) string {
	text, urgent := strings.CutPrefix(r.Meaning(), "URGENT: ")
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:] + "."
	if urgent {
		text = "**Urgent:** " + text
	}
	return strings.TrimSpace(text + " " + explanations[r].detail)
}

func verbList(r Reason) string { return "*" + strings.Join(r.Advice().Verbs, "*, *") + "*" }

func TestThePageOfReasonsIsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	want := renderReasons()
	if os.Getenv(updateVariable) == "1" {
		if err := os.WriteFile(reasonsPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(reasonsPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/reasons.md is not what the table says; make docs writes it anew (-want +got):\n%s", diff)
	}
}

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	for _, reason := range append(PersonReasons(), LeftReasons()...) {
		if reason.Meaning() == "" {
			t.Errorf("%s is not explained", reason)
		}
	}
	for _, reason := range PersonReasons() {
		if advice := reason.Advice(); advice.Do == "" || len(advice.Verbs) == 0 {
			t.Errorf("%s: nothing is said to do", reason)
		}
	}
	if got, want := len(explanations), len(PersonReasons())+len(LeftReasons()); got != want {
		t.Errorf("%d reasons are explained, want %d", got, want)
	}
}
