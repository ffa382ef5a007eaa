package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

// TestThePlanHasEveryRow freezes a plan of three pages of which the first row is approved.
func TestThePlanHasEveryRow(t *testing.T) {
	t.Parallel()
	const rows = 2*planPageRows + 1
	b := newFixture(t)
	inc := b.incident(journal.AwaitingApproval)
	if status, _ := b.get("/incidents/inc-1/plan"); status != http.StatusNotFound {
		t.Errorf("without a plan: got %d", status)
	}
	frozen := b.desk.Journal.NewPlan(organization, inc.ID, "r1", time.Now())
	for i := range rows {
		row := journal.PlanRow{DeliveryOrder: fmt.Sprintf("do_%d", i), OrderNumber: fmt.Sprintf("SO-%d.", i), Status: "PENDING", Action: journal.Reassigned, To: "lyon-warehouse"}
		if i == rows-1 {
			row.Action, row.To, row.Reason, row.Stranded = journal.NeedsPerson, "", journal.NoCandidate, true
		}
		must(t, frozen.Add(t.Context(), []journal.PlanRow{row}))
	}
	inc.Plan = frozen.Plan()
	inc.Plan.Approved = 1
	must(t, b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()))
	for path, want := range map[string][]string{
		"/incidents/inc-1":               {`href="/incidents/inc-1/plan"`},
		"/incidents/inc-1/plan":          {"SO-0.", "SO-199.", "1 to 200 of 401", "plan?from=200\">Next", "<td>yes</td>"},
		"/incidents/inc-1/plan?from=200": {"SO-200.", "SO-399.", "201 to 400 of 401", "plan?from=0\">Before", "plan?from=400\">Next"},
		"/incidents/inc-1/plan?from=400": {"SO-400.", "401 to 401 of 401", "plan?from=200\">Before", "no fallback passes the fences, stranded"},
		"/incidents/inc-1/plan?from=x":   {"SO-0."},
		"/incidents/inc-1/plan?from=999": {"There is no row here."},
	} {
		status, page := b.get(path)
		for _, part := range want {
			if status != http.StatusOK || !strings.Contains(page, part) {
				t.Errorf("%s: got %d, want %q", path, status, part)
			}
		}
		if strings.Contains(page, "SO-200.") != strings.HasSuffix(path, "=200") {
			t.Errorf("%s: it has the rows of another page", path)
		}
	}
	if _, page := b.get("/incidents/inc-1/plan?from=400"); strings.Contains(page, "Next") || strings.Contains(page, "<td>yes</td>") {
		t.Error("the last page leads on, or is approved")
	}
}
