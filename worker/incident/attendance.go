package incident

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// unservedRemind is the interval at which the log warns of the same organization again.
const unservedRemind = 10 * time.Minute

// NoteAttendance records that this worker serves its organizations, and logs a warning of each organization that was
// removed from the configuration in the middle of a drain: its tasks are dropped, so nobody finishes what is released
// there. It is called every 30 s.
func (s *Incidents) NoteAttendance(ctx context.Context) error {
	mine := slices.Sorted(maps.Keys(s.Organizations))
	err := s.Journal.NoteServed(ctx, mine)
	unserved, failed := s.Journal.UnservedOrganizations(ctx, mine, false)
	now := s.Now()
	for _, u := range unserved {
		if last, warned := s.warned[u.Organization]; warned && now.Sub(last) < unservedRemind {
			continue
		}
		if s.warned == nil {
			s.warned = map[string]time.Time{}
		}
		s.warned[u.Organization] = now
		s.Log.ErrorContext(ctx, "an organization that is not configured any more has released delivery orders, which nobody finishes; put it back into the configuration until they are",
			"alert", "urgent", "organization", u.Organization, "count", u.Released)
		if s.Urgent != nil {
			s.Urgent(u.Organization, "organization_unserved")
		}
	}
	return errors.Join(err, failed)
}
