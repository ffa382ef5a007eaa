package orders

import (
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// Parent is the parent order as one read shows it, with what the journal knows of its delivery orders.
type Parent struct {
	Order    happycolis.Order
	Siblings []happycolis.DeliveryOrder
	Recorded map[string]map[string]string // delivery order > its line > order line, as webhooks or the journal told
	Unready  map[string]bool              // DRAFTs of the journal whose original is not released: they cover nothing yet
	Claimed  map[string]bool              // delivery orders that another lineage of the journal owns
	Roots    map[string]bool              // those of them that are no replacement, but what a lineage began with
	Named    map[string]bool              // DRAFTs that another record names as perhaps its own
}

// NewParent returns the parent of a delivery order as it was read, of which the journal knows nothing yet.
func NewParent(d *happycolis.DeliveryOrder) *Parent {
	p := &Parent{Order: d.Orders[0], Siblings: d.Orders[0].DeliveryOrders, Recorded: map[string]map[string]string{},
		Unready: map[string]bool{}, Claimed: map[string]bool{}, Roots: map[string]bool{}, Named: map[string]bool{}}
	if _, listed := p.FindSibling(d.ID); !listed {
		p.Siblings = append(slices.Clone(p.Siblings), *d)
	}
	return p
}

// MapLines maps the lines of a replacement of ours, of which the journal knows what was asked for.
func (p *Parent) MapLines(s happycolis.DeliveryOrder, recorded []journal.Line) {
	if p.Recorded[s.ID] != nil {
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
	p.Recorded[s.ID] = told
}

// sumCovered sums the live units over the delivery orders for which keep says yes. DRAFTs of other lineages
// whose original stands are left out: the original counts.
func (p *Parent) sumCovered(keep func(happycolis.DeliveryOrder) bool) (map[string]int, bool) {
	var counted []happycolis.DeliveryOrder
	for _, s := range p.Siblings {
		if !p.Unready[s.ID] && keep(s) {
			counted = append(counted, s)
		}
	}
	return p.sumLiveUnits(counted)
}

// UnknownSiblings are live delivery orders that were not there before the create and that nobody of ours made; also those that are
// handed over themselves, or were, as one that the platform dispatched to the failed location.
func (p *Parent) UnknownSiblings(r *journal.Reassignment) []happycolis.DeliveryOrder {
	var found []happycolis.DeliveryOrder
	for _, s := range p.Siblings {
		ours := s.ID == r.Identity.DeliveryOrder || s.ID == r.Replacement.ID || slices.Contains(r.Replacement.Past, s.ID)
		if !ours && !slices.Contains(r.Replacement.SiblingsBefore, s.ID) && (p.Roots[s.ID] || !p.Claimed[s.ID] && IsLive(s)) {
			found = append(found, s)
		}
	}
	return found
}

// MatchingDraft is a DRAFT with the lines of a replacement that no record claims; "" if there is none. Our own may be it: a
// failover of Redis loses the last writes, the intent of its create among them.
func (p *Parent) MatchingDraft(r *journal.Reassignment) string {
	for _, s := range p.Siblings {
		if s.Status == StatusDraft && IsLive(s) && s.ID != r.Identity.DeliveryOrder && !p.Claimed[s.ID] && !slices.Contains(r.Replacement.Past, s.ID) &&
			s.Location.ID != r.Identity.FromID && HasExactLines(s, r.Replacement.Lines) {
			return s.ID
		}
	}
	return ""
}

// FindSibling returns one delivery order of the order.
func (p *Parent) FindSibling(id string) (happycolis.DeliveryOrder, bool) {
	for _, s := range p.Siblings {
		if s.ID == id {
			return s, true
		}
	}
	return happycolis.DeliveryOrder{}, false
}

// QuantitiesMatch reports whether no order line has more live units than were ordered. The original of a record for
// which an operator answers does not count.
func (p *Parent) QuantitiesMatch(r *journal.Reassignment) bool {
	sum, ok := p.sumCovered(func(s happycolis.DeliveryOrder) bool { return !r.Release.Proceeded || s.ID != r.Identity.DeliveryOrder })
	return ok && p.isWithinOrder(sum)
}

// MatchCreated lists the delivery orders that the create in doubt of a record may have made.
func (p *Parent) MatchCreated(r *journal.Reassignment) []string {
	return p.filterCreated(r, func(s happycolis.DeliveryOrder) bool { return HasExactLines(s, r.Replacement.Lines) })
}

// MatchCreatedBySKU lists those of which the platform does not tell the quantities, and which have the SKUs that were asked for.
func (p *Parent) MatchCreatedBySKU(r *journal.Reassignment) []string {
	return p.filterCreated(r, func(s happycolis.DeliveryOrder) bool {
		return slices.ContainsFunc(s.Lines, func(l happycolis.Line) bool { return l.QuantityUnknown }) && hasExactSKUs(s, r.Replacement.Lines)
	})
}

func (p *Parent) filterCreated(r *journal.Reassignment, fits func(happycolis.DeliveryOrder) bool) (ids []string) {
	for _, s := range p.Siblings {
		if s.Location.ID == r.Decision.ToID && IsLive(s) && !slices.Contains(r.Replacement.SiblingsBefore, s.ID) && !p.Claimed[s.ID] &&
			s.ID != r.Identity.DeliveryOrder && !slices.Contains(r.Replacement.Past, s.ID) && fits(s) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
