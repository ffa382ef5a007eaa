package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnActionOfTheAuditLogIsOneRow(t *testing.T) {
	t.Parallel()
	row := func(verb, result string) AuditRow {
		return AuditRow{User: "ops", Verb: verb, Target: "do_1", Result: result}
	}
	newestFirst := []AuditRow{
		row("orders leave", AuditAsked), // nothing came of it: the service ended
		row("orders retry", "done"), row("orders retry", AuditAsked), row("orders retry", "refused: x"), row("pause", "done"), row("pause", AuditAsked),
		row("orders retry", AuditAsked), row("import", "begun"),
	}
	want := []AuditRow{row("orders leave", AuditAsked), row("orders retry", "done"), row("orders retry", "refused: x"), row("pause", "done"), row("import", "begun")}
	if diff := cmp.Diff(want, JoinAudit(newestFirst)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
