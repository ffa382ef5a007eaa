package incident

import (
	"context"

	"happycolis-reassigner/worker/journal"
)

// snapshotIndex stores in an open incident how complete the index is now: an import makes it complete; a receiver that
// was down or a blocked queue of webhooks makes it incomplete.
func (s *Incidents) snapshotIndex(ctx context.Context, inc *journal.Incident) error {
	now := s.Now()
	age, err := s.Index.Coverage(ctx, inc.Organization)
	if err != nil {
		return err
	}
	inc.IndexSince, inc.IndexIncomplete = age.Since, age.IsIncomplete(now)
	inc.Index = journal.IndexSnapshot{Last: age.Last, Imported: age.Imported, Known: age.Known}
	for _, g := range age.OpenGaps(now) {
		inc.Index.Gaps = append(inc.Index.Gaps, journal.Gap{From: g.From, To: g.To})
	}
	if !age.BehindSince.IsZero() {
		inc.Index.Gaps = append(inc.Index.Gaps, journal.Gap{From: age.BehindSince})
	}
	return nil
}
