package incident

import (
	"context"
	"fmt"
	"iter"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/journal"
)

// Plan yields what would happen now to each delivery order known to be in flight at a location, without
// writing anything: State is Reassigned, Left or NeedsPerson, with the reason. Its reads wait for the
// rate limit, in the calm class. Stock and capacity are given away once only.
func (s *Incidents) Plan(ctx context.Context, organization, location string) iter.Seq2[*journal.Reassignment, error] {
	org := s.Organizations[organization]
	if org == nil {
		return func(yield func(*journal.Reassignment, error) bool) {
			yield(nil, fmt.Errorf("organization %q is not configured", organization))
		}
	}
	return s.foresee(ctx, org, location, func(ids []string) ([]string, error) { return ids, nil })
}

// foresee rehearses, page by page of the walk, the delivery orders that pick takes of each page.
func (s *Incidents) foresee(ctx context.Context, org *worker.Organization, location string, pick func([]string) ([]string, error)) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		rehearsal, cursor := s.Handover.Rehearse(org, location), ""
		for {
			ids, next, err := s.Index.InFlight(ctx, org.ID, location, cursor, pageSize)
			if err == nil {
				ids, err = pick(ids)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, id := range ids {
				if r, err := rehearsal.Foresee(ctx, id); !yield(r, err) || err != nil {
					return
				}
			}
			if cursor = next; next == "" {
				return
			}
		}
	}
}
