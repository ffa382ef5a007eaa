package incident

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/worker"
)

// Retention is how long finished records are kept; 0: for ever.
type Retention struct {
	Incidents time.Duration // incidents with their reassignments, and finished delivery orders of the index
	Audit     time.Duration
}

// How much one purge deletes, so that Redis stays responsive for others.
const (
	purgeEvery = 10 * time.Minute
	purgeRows  = 2000 // reassignments
	purgePages = 20   // pages of the scan over the keys, 1,000 keys each
)

// purgeDue reports whether this sweep purges: of all sweeps, one in ten minutes does.
func (s *Incidents) purgeDue(tick int64) bool {
	return tick%max(1, int64(purgeEvery/max(s.Settings.Sweep, time.Second))) == 0
}

// purge deletes what is over and older than the retention, within the limits above; the next purge continues.
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
			return errors.Join(err, s.Journal.DeleteLeftovers(ctx, org.ID, found, before))
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
