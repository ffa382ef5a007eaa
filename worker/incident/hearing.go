package incident

import (
	"context"

	"happycolis-reassigner/worker/journal"
)

// hears records in an open incident what the index knows now: an import makes it complete, a receiver that was
// down or a blocked queue incomplete.
func (s *Incidents) hears(ctx context.Context, inc *journal.Incident) error {
	now := s.Now()
	age, err := s.Index.Age(ctx, inc.Organization)
	if err != nil {
		return err
	}
	inc.IndexSince, inc.IndexShort = age.Since, age.Short(now)
	inc.Index = journal.Heard{Last: age.Last, Imported: age.Imported, Known: age.Known}
	for _, g := range age.Open(now) {
		inc.Index.Gaps = append(inc.Index.Gaps, journal.Gap{From: g.From, To: g.To})
	}
	if !age.Behind.IsZero() {
		inc.Index.Gaps = append(inc.Index.Gaps, journal.Gap{From: age.Behind})
	}
	return nil
}
