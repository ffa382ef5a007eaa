package console

import (
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
)

// TestARecordSaysWhoseItIsWhereThereAreSeveral looks at the audit log and the parked webhooks, of one
// organization and of two.
func TestARecordSaysWhoseItIsWhereThereAreSeveral(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	if err := b.desk.Journal.RecordAudit(t.Context(), organization, journal.AuditEntry{User: "ann", Verb: "pause", Target: "everything", Result: "done"}); err != nil {
		t.Fatal(err)
	}
	if err := b.rdb.LPush(t.Context(), intake.ParkedKey(organization), `{"reason":"unknown type"}`).Err(); err != nil {
		t.Fatal(err)
	}
	for _, several := range []bool{false, true} {
		if several {
			b.desk.Organizations["org_2"] = b.desk.Organizations[organization]
		}
		for _, path := range []string{"/audit", "/parked"} {
			status, page := b.get(path)
			said := strings.Contains(page, "<td>"+organization+"</td>") && strings.Contains(page, `<th scope="col">Organization</th>`)
			if status != http.StatusOK || said != several || strings.Contains(page, ">Organization<") != several {
				t.Errorf("%s, where there are several: %v: got %d\n%s", path, several, status, page)
			}
		}
	}
}
