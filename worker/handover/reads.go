package handover

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
)

// readOriginal returns the original with its order and siblings, read at most Fresh ago, or else just now: where the platform
// was that slow it is too old all the same. The second result says what becomes of the step where it could not be read.
func (x *attempt) readOriginal(ctx context.Context) (*happycolis.DeliveryOrder, error) {
	if x.view == nil {
		x.view = x.h.originals.get(x.org.ID, x.r.Identity.DeliveryOrder, x.h.Now())
	}
	if x.view != nil && x.isFresh(x.view.SentAt) {
		return x.view, nil
	}
	return x.refreshOriginal(ctx, x.org.ForHandover)
}

// refreshOriginal reads the original whatever was read before.
func (x *attempt) refreshOriginal(ctx context.Context, as *happycolis.Account) (*happycolis.DeliveryOrder, error) {
	x.invalidateCache()
	view, err := x.reader.ReadOriginal(ctx, as)
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		return nil, x.handleMissingOriginal(ctx)
	}
	if err != nil {
		return nil, err
	}
	if x.r.Original.SeenAt = orders.IndexEntry(view).Date; !orders.IsGone(view, x.r.Identity.FromID) {
		x.r.Original.GoneSince = time.Time{}
	}
	x.view = view
	x.h.originals.put(x.org.ID, view, x.h.Now())
	return view, nil
}

func (x *attempt) isFresh(read time.Time) bool { return x.reader.IsFresh(read) }

// retryStaleRead reads anew, since what was read is not good any more: at once where we waited too long ourselves, and as after
// a failure where the platform was that slow.
func (x *attempt) retryStaleRead() error {
	x.invalidateCache()
	if x.reader.Late {
		return x.backOff("the platform takes longer to answer than a read is good for", 0)
	}
	return waitUntil(x.h.Now(), "")
}
