package decision

import (
	"context"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
)

// LoadParent returns the parent order of a delivery order as read, with what the journal and the index know of its delivery
// orders. The read must have an order.
func (x *Reader) LoadParent(ctx context.Context, d *happycolis.DeliveryOrder) (*orders.Parent, error) {
	p := orders.NewParent(d)
	for _, s := range p.Siblings {
		if err := x.classifySibling(ctx, p, s); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (x *Reader) classifySibling(ctx context.Context, p *orders.Parent, s happycolis.DeliveryOrder) error {
	entry, known, err := x.Index.Get(ctx, x.r.Identity.Organization, s.ID)
	if err != nil {
		return err
	}
	if known && len(entry.Facts.OrderLines) > 0 {
		p.Recorded[s.ID] = entry.Facts.OrderLines
	}
	if s.ID == x.r.Replacement.ID {
		p.MapLines(s, x.r.Replacement.Lines)
	}
	if s.ID == x.r.Identity.DeliveryOrder || s.ID == x.r.Replacement.ID {
		return nil
	}
	owner, root, err := x.Journal.OpenByLineage(ctx, x.r.Identity.Organization, s.ID)
	if err != nil {
		return err
	}
	if root != "" && root != x.r.Identity.Root {
		p.Claimed[s.ID], p.Roots[s.ID] = true, root == s.ID
	}
	if owner != nil && owner.Identity.ID != x.r.Identity.ID && owner.Replacement.UnprovenDraftID != "" {
		p.Named[owner.Replacement.UnprovenDraftID] = true
	}
	if owner == nil || owner.Replacement.ID != s.ID {
		return nil
	}
	p.MapLines(s, owner.Replacement.Lines)
	p.Unready[s.ID] = s.Status == orders.StatusDraft && !owner.Released() && owner.Release.ToldAt.IsZero()
	return nil
}

// noteSiblings tells the index of what a read of the original shows beside it, but for what we made for it. That it is
// there is news where its own reads do not find it, or a stale one showed it gone: at the failed location, or at another
// under incident.
func (x *Reader) noteSiblings(ctx context.Context, d *happycolis.DeliveryOrder) error {
	for _, o := range d.Orders {
		for _, s := range o.DeliveryOrders {
			if s.ID == d.ID || s.ID == x.r.Replacement.ID || !orders.IsLive(s) {
				continue
			}
			entry, known, err := x.Index.Get(ctx, x.r.Identity.Organization, s.ID)
			if err != nil {
				return err
			}
			if !known {
				continue
			}
			s.Date, s.SentAt = d.Date, d.SentAt
			seen := orders.IndexEntry(&s)
			seen.Priority = entry.Priority // which the list does not tell
			if _, err := x.Index.Put(ctx, x.r.Identity.Organization, seen, ""); err != nil {
				return err
			}
		}
	}
	return nil
}
