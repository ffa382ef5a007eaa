package incident

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/worker"
)

// Retention is how long what is over is kept; 0: for ever.
type Retention struct {
	Incidents time.Duration // with their reassignments; delivery orders that are finished too
	Audit     time.Duration
}

// What is removed at a time, so that Redis has room for others.
const (
	purgeEvery = 10 * time.Minute
	purgeRows  = 2000 // reassignments
	purgePages = 20   // of the walk over the keys, 1,000 keys each
)

// purgeDue reports whether this sweep removes what is old: one in ten minutes does.
func (s *Incidents) purgeDue(tick int64) bool {
	return tick%max(1, int64(purgeEvery/max(s.Settings.Sweep, time.Second))) == 0
}

// purge removes what is over and old enough. What is not done this time the next does.
func (s *Incidents) purge(ctx context.Context, org *worker.Organization) error {
	var errs []error
	now, keep := s.Now(), s.Settings.Retention
	if keep.Audit > 0 {
		errs = append(errs, s.Journal.TrimAudit(ctx, org.ID, now.Add(-keep.Audit)))
	}
	if keep.Incidents > 0 {
		before := now.Add(-keep.Incidents)
		incidents, rows, err := s.Journal.Expire(ctx, org.ID, before, purgeRows)
		errs = append(errs, err)
		orders := 0
		errs = append(errs, s.Journal.ScanKeys(ctx, org.ID, purgePages, func(found []string) error {
			n, err := s.Index.Expire(ctx, org.ID, found, before)
			orders += n
			return errors.Join(err, s.Journal.ExpireCorrupt(ctx, org.ID, found, before))
		}))
		s.logPurged(ctx, org.ID, "incidents that were over", incidents)
		s.logPurged(ctx, org.ID, "reassignments", rows)
		s.logPurged(ctx, org.ID, "finished delivery orders", orders)
	}
	return errors.Join(errs...)
}

func (s *Incidents) logPurged(ctx context.Context, organization, what string, n int) {
	if n > 0 {
		s.Log.InfoContext(ctx, "retention removed records", "organization", organization, "type", what, "count", n)
	}
}
