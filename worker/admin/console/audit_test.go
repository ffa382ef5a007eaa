package console

import (
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// TestTheAuditLogHasOneRowForEachAction has a pause of a location, and a long refusal, which has to wrap.
func TestTheAuditLogHasOneRowForEachAction(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	if err := b.desk.Index.PutLocation(t.Context(), organization, index.Location{ID: "loc_with_a_long_id", Slug: "lyon-warehouse"}); err != nil {
		t.Fatal(err)
	}
	for _, result := range []string{"asked", "refused: " + strings.Repeat("because ", 40)} {
		if err := b.desk.Journal.RecordAudit(t.Context(), organization, journal.AuditEntry{User: "ann", Verb: "pause", Target: "loc_with_a_long_id", Result: result}); err != nil {
			t.Fatal(err)
		}
	}
	status, page := b.get("/audit")
	if status != http.StatusOK || strings.Count(page, "<td>ann</td>") != 1 || !strings.Contains(page, "lyon-warehouse <code") || !strings.Contains(page, `<td class="wrap">refused: because`) {
		t.Errorf("got %d\n%s", status, page)
	}
}
