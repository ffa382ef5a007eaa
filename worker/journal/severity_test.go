package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/journal"
)

var dangerous = []story{
	{"rows that wait for an operator are listed by severity, across incidents", severitiesListed},
	{"a row is counted with the severity that it has by now, and with none once it is over", severitiesFollow},
	{"a record that cannot be read is one that nobody may ship", corruptNobodyShips},
}

// wantSeverities wants the rows of an incident, or of all with "", by severity.
func wantSeverities(t *testing.T, s *store, incident string, want map[journal.Severity][]string) {
	t.Helper()
	got, counts := map[journal.Severity][]string{}, map[journal.Severity]int{}
	for _, severity := range journal.Severities() {
		for after, more := "", true; more; more = after != "" {
			rows, next, err := s.SeverityPage(t.Context(), s.org, incident, severity, after, 2)
			must(t, err)
			for _, r := range rows {
				got[severity] = append(got[severity], r.Identity.ID)
				if r.Severity() != severity {
					t.Errorf("%s is listed as %s, and is %s", r.Identity.ID, severity, r.Severity())
				}
			}
			after = next
		}
		counts[severity] = len(want[severity])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows of %q (-want +got):\n%s", incident, diff)
	}
	counted, err := s.CountSeverities(t.Context(), s.org)
	if incident != "" {
		counted, err = s.CountIncidentSeverities(t.Context(), s.org, incident)
	}
	must(t, err)
	if diff := cmp.Diff(counts, counted); diff != "" {
		t.Errorf("counts of %q (-want +got):\n%s", incident, diff)
	}
}

func severitiesListed(t *testing.T, s *store) {
	rest := func(incident, deliveryOrder string, reason journal.Reason) {
		r := s.draft(incident, deliveryOrder)
		_, _, err := s.Enroll(t.Context(), r)
		must(t, err)
		r.Reason = reason
		s.rest(t, r, journal.NeedsPerson)
	}
	rest("inc_2", "do_1", journal.NoCandidate)
	rest("inc_1", "do_2", journal.NoCandidate)
	rest("inc_10", "do_3", journal.CreateRefused)
	rest("inc_1", "do_4", journal.FallbacksExhausted)
	rest("inc_2", "do_5", journal.OverAllocated)
	wantSeverities(t, s, "", map[journal.Severity][]string{journal.Waits: {"inc_1/do_2", "inc_10/do_3", "inc_2/do_1"},
		journal.NobodyShips: {"inc_1/do_4"}, journal.MayShipTwice: {"inc_2/do_5"}})
	wantSeverities(t, s, "inc_1", map[journal.Severity][]string{journal.Waits: {"inc_1/do_2"}, journal.NobodyShips: {"inc_1/do_4"}})
}

func severitiesFollow(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	r.Reason = journal.CancelUnconfirmed
	s.rest(t, r, journal.NeedsPerson)
	wantSeverities(t, s, "", map[journal.Severity][]string{journal.Waits: {"inc_1/do_1"}})
	r.Release.IntendedAt = then
	s.rest(t, r, journal.NeedsPerson)
	wantSeverities(t, s, "", map[journal.Severity][]string{journal.NobodyShips: {"inc_1/do_1"}})
	r.Replacement.SentAt = then
	s.rest(t, r, journal.NeedsPerson)
	wantSeverities(t, s, "", map[journal.Severity][]string{journal.MayShipTwice: {"inc_1/do_1"}})
	r.Reason = journal.ByPerson
	s.rest(t, r, journal.Left)
	wantSeverities(t, s, "", map[journal.Severity][]string{})
}

func corruptNobodyShips(t *testing.T, s *store) {
	r := s.enroll(t, "do_1")
	r.Reason = journal.OverAllocated
	s.rest(t, r, journal.NeedsPerson)
	must(t, s.rdb.HSet(t.Context(), journal.RecordKey(s.org, r.Identity.ID), "body", "{").Err())
	stub, err := s.GetOrStub(t.Context(), s.org, r.Identity.ID)
	must(t, err)
	wantSeverities(t, s, "", map[journal.Severity][]string{journal.NobodyShips: {"inc_1/do_1"}})
	stub.Reason = journal.ByPerson
	s.rest(t, stub, journal.Left)
	wantSeverities(t, s, "", map[journal.Severity][]string{})
}
