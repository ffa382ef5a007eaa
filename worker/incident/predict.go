package incident

import (
	"context"
	"iter"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// predictOrders yields, page by page of the walk, what would happen to the delivery orders that pick selects of each
// page.
func (s *Incidents) predictOrders(ctx context.Context, organization, location string, rehearsal *handover.Forecast, pick func([]string) ([]string, error)) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		cursor := ""
		for {
			ids, next, err := s.Index.InFlight(ctx, organization, location, cursor, pageSize)
			if err == nil {
				ids, err = pick(ids)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, id := range ids {
				if r, err := rehearsal.PredictOrder(ctx, id); !yield(r, err) || err != nil {
					return
				}
			}
			if cursor = next; next == "" {
				return
			}
		}
	}
}
