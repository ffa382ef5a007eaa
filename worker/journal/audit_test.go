package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var auditing = []story{
	{"the audit log is read newest first, as far as asked", audited},
}

func audited(t *testing.T, s *store) {
	var want []journal.AuditEntry
	for i := range 5 {
		a := journal.AuditEntry{At: then.Add(time.Duration(i) * time.Second), User: "ann", Verb: "retry", Target: fmt.Sprint("do_", i), Reason: "they called", Result: "done"}
		must(t, s.RecordAudit(t.Context(), s.org, a))
		want = append([]journal.AuditEntry{a}, want...)
	}
	for _, most := range []int64{10, 3} {
		got, err := s.AuditEntries(t.Context(), s.org, most)
		must(t, err)
		if diff := cmp.Diff(want[:min(int(most), len(want))], got); diff != "" {
			t.Errorf("the latest %d (-want +got):\n%s", most, diff)
		}
	}
	none, err := s.AuditEntries(t.Context(), s.org+"_else", 10)
	must(t, err)
	if len(none) != 0 {
		t.Errorf("another organization reads %d entries", len(none))
	}
}
