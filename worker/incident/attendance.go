package incident

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// unservedRemind is the distance between two warnings of the same organization in the log.
const unservedRemind = 10 * time.Minute

// NoteAttendance notes that this worker serves its organizations, and warns of those that were taken out of the configuration
// in the middle of a drain: their tasks are dropped, so what is released there is finished by nobody.
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
