package incident

import "context"

// Retain forgets what is old, as one sweep in ten minutes does.
func (s *Incidents) Retain(ctx context.Context, organization string) error {
	return s.retain(ctx, s.Organizations[organization])
}
