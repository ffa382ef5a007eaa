package notify

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

func byHand(approved time.Time) func(*incidentState) {
	return func(s *incidentState) {
		s.ByHand = &journal.ByHand{By: "mia", Reason: "flood", At: noon}
		s.ByPlan, s.ApprovedAt = true, approved
	}
}

func closedByHand(s *incidentState) {
	s.ByHand.EndedBy, s.ByHand.EndedAt, s.LiftedBy = "mia", noon.Add(time.Hour), "mia"
}

// TestAnIncidentByHandIsToldAsSuch: nothing failed, so nothing is told to have failed or to work again.
func TestAnIncidentByHandIsToldAsSuch(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(time.Minute, fresh(journal.AwaitingApproval, byHand(time.Time{}), gated("mode", "approve")),
		"paris-warehouse is emptied by hand, as mia says (flood) and waits for approval: nothing moves until somebody approves")
	l.hears(10*time.Minute, fresh(journal.Draining, byHand(noon.Add(time.Minute))), "paris-warehouse goes on: its delivery orders are handed over")
	l.hears(time.Hour, fresh(journal.Closed, byHand(noon.Add(time.Minute)), closedByHand, counted(40, 0, nil)),
		"The incident of paris-warehouse, opened by hand, was closed by mia: 40 moved")
}

// TestWhatArrivesWhereALocationIsEmptiedIsOneMessageAReminder: orders come and are shipped there, so that the incident waits for an
// approval, does not, and does again.
func TestWhatArrivesWhereALocationIsEmptiedIsOneMessageAReminder(t *testing.T) {
	t.Parallel()
	l := listen(t)
	approved := noon.Add(time.Minute)
	waits := fresh(journal.AwaitingApproval, byHand(approved), gated("mode", "approve"))
	l.hears(time.Minute, fresh(journal.Draining, byHand(approved)), "paris-warehouse is emptied by hand, as mia says (flood): its delivery orders are handed over")
	l.hears(31*time.Minute, fresh(journal.Watching, byHand(approved)))
	l.hears(time.Minute, waits, "The incident of paris-warehouse waits for approval: nothing moves until somebody approves")
	for range 5 {
		l.hears(2*time.Minute, fresh(journal.Watching, byHand(approved)))
		l.hears(2*time.Minute, waits)
	}
	l.hears(20*time.Minute, waits, "Reminder: paris-warehouse still waits for a person")
}

// TestAfterAnApprovalTheNextArrivalsAreToldWithTheNextReminder: an approval every few minutes is no message every few minutes.
func TestAfterAnApprovalTheNextArrivalsAreToldWithTheNextReminder(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(time.Minute, fresh(journal.AwaitingApproval, byHand(time.Time{}), gated("mode", "approve")),
		"paris-warehouse is emptied by hand, as mia says (flood) and waits for approval: nothing moves until somebody approves")
	approved := noon.Add(time.Hour)
	l.hears(4*time.Minute, fresh(journal.Draining, byHand(approved)), "paris-warehouse goes on: its delivery orders are handed over")
	waits := fresh(journal.AwaitingApproval, byHand(approved), gated("mode", "approve"))
	l.hears(20*time.Minute, waits)
	l.hears(10*time.Minute, waits, "The incident of paris-warehouse waits for approval: nothing moves until somebody approves")
}
