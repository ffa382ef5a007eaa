package handover

import (
	"context"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// parent is the parent order as one read shows it, with what the journal knows of its delivery orders.
type parent struct {
	orderLines
	siblings []happycolis.DeliveryOrder
	unready  map[string]bool // DRAFTs of the journal whose original is not released: they cover nothing yet
	claimed  map[string]bool // delivery orders that another lineage of the journal owns
	roots    map[string]bool // those of them that are no replacement, but what a lineage began with
	named    map[string]bool // DRAFTs that another record names as perhaps its own
}

// loadParent sorts the delivery orders of the order. It is nil where the read has no order.
func (x *attempt) loadParent(ctx context.Context, d *happycolis.DeliveryOrder) (*parent, error) {
	order := d.Orders[0]
	p := &parent{orderLines: orderLines{order: order, recorded: map[string]map[string]string{}}, siblings: order.DeliveryOrders,
		unready: map[string]bool{}, claimed: map[string]bool{}, roots: map[string]bool{}, named: map[string]bool{}}
	if !slices.ContainsFunc(p.siblings, func(s happycolis.DeliveryOrder) bool { return s.ID == d.ID }) {
		p.siblings = append(slices.Clone(p.siblings), *d)
	}
	for _, s := range p.siblings {
		if err := x.classifySibling(ctx, p, s); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (x *attempt) classifySibling(ctx context.Context, p *parent, s happycolis.DeliveryOrder) error {
	entry, known, err := x.h.Index.Get(ctx, x.r.Organization, s.ID)
	if err != nil {
		return err
	}
	if known && len(entry.Facts.OrderLines) > 0 {
		p.recorded[s.ID] = entry.Facts.OrderLines
	}
	if s.ID == x.r.Replacement {
		p.mapLines(s, x.r.Lines)
	}
	if s.ID == x.r.DeliveryOrder || s.ID == x.r.Replacement {
		return nil
	}
	owner, root, err := x.h.Journal.OpenByLineage(ctx, x.r.Organization, s.ID)
	if err != nil {
		return err
	}
	if root != "" && root != x.r.Root {
		p.claimed[s.ID], p.roots[s.ID] = true, root == s.ID
	}
	if owner != nil && owner.ID != x.r.ID && owner.UnprovenDraftID != "" {
		p.named[owner.UnprovenDraftID] = true
	}
	if owner == nil || owner.Replacement != s.ID {
		return nil
	}
	p.mapLines(s, owner.Lines)
	p.unready[s.ID] = s.Status == statusDraft && !owner.Released() && owner.ReleaseToldAt.IsZero()
	return nil
}

// mapLines maps the lines of a replacement of ours, of which the journal knows what was asked for.
func (p *parent) mapLines(s happycolis.DeliveryOrder, recorded []journal.Line) {
	if p.recorded[s.ID] != nil {
		return
	}
	unused := slices.Clone(recorded)
	told := map[string]string{}
	for _, l := range s.Lines {
		at := slices.IndexFunc(unused, func(r journal.Line) bool { return r.SKU == l.SKU && r.Quantity == l.Quantity })
		if at < 0 {
			return
		}
		told[l.ID] = unused[at].OrderLine
		unused = slices.Delete(unused, at, at+1)
	}
	p.recorded[s.ID] = told
}

// sumCovered sums the live units over the delivery orders for which keep says yes. DRAFTs of other lineages
// whose original stands are left out: the original counts.
func (p *parent) sumCovered(keep func(happycolis.DeliveryOrder) bool) (map[string]int, bool) {
	var counted []happycolis.DeliveryOrder
	for _, s := range p.siblings {
		if !p.unready[s.ID] && keep(s) {
			counted = append(counted, s)
		}
	}
	return p.sumLiveUnits(counted)
}

// unknownSiblings are live delivery orders that were not there before the create and that nobody of ours made; also those that are
// handed over themselves, or were, as one that the platform dispatched to the failed location.
func (p *parent) unknownSiblings(r *journal.Reassignment) []happycolis.DeliveryOrder {
	var found []happycolis.DeliveryOrder
	for _, s := range p.siblings {
		ours := s.ID == r.DeliveryOrder || s.ID == r.Replacement || slices.Contains(r.PastReplacements, s.ID)
		if !ours && !slices.Contains(r.SiblingsBefore, s.ID) && (p.roots[s.ID] || !p.claimed[s.ID] && isLive(s)) {
			found = append(found, s)
		}
	}
	return found
}

// matchingDraft is a DRAFT with the lines of a replacement that no record claims; "" if there is none. Our own may be it: a
// failover of Redis loses the last writes, the intent of its create among them.
func (p *parent) matchingDraft(r *journal.Reassignment) string {
	for _, s := range p.siblings {
		if s.Status == statusDraft && isLive(s) && s.ID != r.DeliveryOrder && !p.claimed[s.ID] && !slices.Contains(r.PastReplacements, s.ID) &&
			s.Location.ID != r.FromID && hasExactLines(s, r.Lines) {
			return s.ID
		}
	}
	return ""
}

// findSibling returns one delivery order of the order.
func (p *parent) findSibling(id string) (happycolis.DeliveryOrder, bool) {
	for _, s := range p.siblings {
		if s.ID == id {
			return s, true
		}
	}
	return happycolis.DeliveryOrder{}, false
}

// noteSiblings tells the index of what a read of the original shows beside it, but for what we made for it. That it is
// there is news where its own reads do not find it, or a stale one showed it gone: at the failed location, or at another
// under incident.
func (x *attempt) noteSiblings(ctx context.Context, d *happycolis.DeliveryOrder) error {
	for _, o := range d.Orders {
		for _, s := range o.DeliveryOrders {
			if s.ID == d.ID || s.ID == x.r.Replacement || !isLive(s) {
				continue
			}
			entry, known, err := x.h.Index.Get(ctx, x.r.Organization, s.ID)
			if err != nil {
				return err
			}
			if !known {
				continue
			}
			s.Date, s.SentAt = d.Date, d.SentAt
			seen := IndexEntry(&s)
			seen.Priority = entry.Priority // which the list does not tell
			if _, err := x.h.Index.Put(ctx, x.r.Organization, seen, ""); err != nil {
				return err
			}
		}
	}
	return nil
}
