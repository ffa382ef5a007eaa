// Package plan says what would happen to delivery orders without doing it: a Forecast of the locations that could fail, and
// the frozen plan of an incident, which an approval covers. Both decide as a handover does (package decision), for one
// delivery order after the other, and count what comes out. Nothing is reserved, and nothing is sent; what is written are
// the rows of a plan.
package plan

import (
	"context"
	"iter"
	"time"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Planner makes forecasts and plans for every configured organization.
type Planner struct {
	Decider       *decision.Decider
	Journal       *journal.Journal
	Index         *index.Index
	Organizations map[string]*worker.Organization
	Now           func() time.Time
}

// pageSize is how many delivery orders are taken from the index, and stored of a plan, at once.
const pageSize = 200

// predictOrders yields, page by page of the index, what would become of the delivery orders in flight at a location that pick
// selects of each page.
func (p *Planner) predictOrders(ctx context.Context, at *prediction, pick func([]string) ([]string, error)) iter.Seq2[outcome, error] {
	return func(yield func(outcome, error) bool) {
		cursor := ""
		for {
			ids, next, err := p.Index.InFlight(ctx, at.org.ID, at.location, cursor, pageSize)
			if err == nil {
				ids, err = pick(ids)
			}
			if err != nil {
				yield(outcome{}, err)
				return
			}
			for _, id := range ids {
				if o, err := at.predictOrder(ctx, id); !yield(o, err) || err != nil {
					return
				}
			}
			if cursor = next; next == "" {
				return
			}
		}
	}
}
