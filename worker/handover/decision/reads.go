package decision

import (
	"context"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// ReadOriginal reads the original with its order and siblings, and its shipments, and tells the index. Where the platform
// was slow it may be too old for use all the same.
func (x *Reader) ReadOriginal(ctx context.Context, as *happycolis.Account) (*happycolis.DeliveryOrder, error) {
	account, err := x.AcquireReadToken(ctx, as)
	if err != nil {
		return nil, err
	}
	view, err := account.ReadForHandover(ctx, x.r.Identity.DeliveryOrder)
	if err != nil {
		return nil, err
	}
	x.NoteLatency(view.SentAt)
	if err := x.loadShipments(ctx, view); err != nil {
		return nil, err
	}
	if _, err := x.Index.Put(ctx, x.r.Identity.Organization, orders.IndexEntry(view), ""); err != nil {
		return nil, err
	}
	return view, x.noteSiblings(ctx, view)
}

// NoteLatency notes whether the platform took so long over a read that little is left of the time it is good for.
func (x *Reader) NoteLatency(asked time.Time) { x.Late = x.Now().Sub(asked) > Fresh/2 }

// TakeSnapshot notes on a record what a read tells of its original. After the release it shows a cancelled one, of which
// only what was recorded before is of use.
func TakeSnapshot(r *journal.Reassignment, d *happycolis.DeliveryOrder) {
	if r.ReleaseBegan() {
		return
	}
	r.Identity.OrderNumber, r.Original.Status, r.Original.Priority, r.Original.Country = d.OrderNumber, d.Status, d.Priority, d.Country
	if d.Location.ID == r.Identity.FromID && d.Location.Slug != "" {
		r.Identity.From = d.Location.Slug
	}
	r.Original.FulfilmentRequested = orders.HasEvent(d, orders.EventRequested) || d.Status == orders.StatusOpened
	r.Identity.Orders = r.Identity.Orders[:0]
	for _, o := range d.Orders {
		r.Identity.Orders = append(r.Identity.Orders, o.ID)
		r.Original.Dispatch = o.DispatchingType
	}
}
