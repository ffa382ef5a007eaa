package incident

import (
	"context"
	"fmt"
	"iter"

	"happycolis-reassigner/worker/journal"
)

// Plan yields what would happen now to each delivery order known to be in flight at a location, without
// writing anything: State is Reassigned, Left or NeedsPerson, with the reason. Its reads wait for the
// rate limit, in the calm class.
func (s *Incidents) Plan(ctx context.Context, organization, location string) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		org := s.Organizations[organization]
		if org == nil {
			yield(nil, fmt.Errorf("organization %q is not configured", organization))
			return
		}
		cursor := ""
		for {
			ids, next, err := s.Index.InFlight(ctx, organization, location, cursor, pageSize)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, id := range ids {
				if r, err := s.Handover.Foresee(ctx, org, location, id); !yield(r, err) || err != nil {
					return
				}
			}
			if cursor = next; next == "" {
				return
			}
		}
	}
}
