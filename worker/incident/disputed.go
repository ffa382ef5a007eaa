package incident

import (
	"context"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

const maxDisputedReads = 50 // delivery orders about which two roads disagree, that one sweep reads, at most

// readDisputed reads, once and with background priority, the delivery orders of which two roads said different things at
// the same time.
func (s *Incidents) readDisputed(ctx context.Context, org *worker.Organization, did *journal.SweepStatus) error {
	ids, err := s.Index.Disputed(ctx, org.ID, maxDisputedReads)
	if err != nil {
		return err
	}
	for _, id := range ids {
		d, err := org.ForBackground.DeliveryOrder(ctx, id)
		if kind := happycolis.KindOf(err); kind == happycolis.KindWaiting || kind == happycolis.KindThrottled {
			return nil // the next sweep begins with it
		}
		did.Requests++
		if err == nil { // otherwise the later message stands
			if _, err := s.Index.Put(ctx, org.ID, orders.IndexEntry(d), ""); err != nil {
				return err
			}
		}
		if err := s.Index.SettleDispute(ctx, org.ID, id); err != nil {
			return err
		}
	}
	return nil
}
