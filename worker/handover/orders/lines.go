package orders

import (
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// find returns the order line of a line; false if it is ambiguous or missing. The platform shows no such link on a read.
// Webhooks may carry it (assumed); else the SKU decides, if it stands on one line of the order only.
func (p *Parent) find(deliveryOrder string, l happycolis.Line) (happycolis.OrderLine, bool) {
	if id := p.Recorded[deliveryOrder][l.ID]; id != "" {
		for _, ol := range p.Order.Lines {
			if ol.ID == id {
				return ol, true
			}
		}
	}
	var found []happycolis.OrderLine
	for _, ol := range p.Order.Lines {
		if ol.SKU == l.SKU && l.SKU != "" {
			found = append(found, ol)
		}
	}
	if len(found) != 1 {
		return happycolis.OrderLine{}, false
	}
	return found[0], true
}

// ReplacementLines are the lines that the replacement of d must have: those with units that are neither cancelled,
// rejected nor fulfilled, in full quantity. False if one of them cannot be mapped, has no known quantity, or asks for more
// than was ordered.
func (p *Parent) ReplacementLines(d *happycolis.DeliveryOrder) ([]journal.Line, bool) {
	var lines []journal.Line
	for _, l := range d.Lines {
		if !IsLiveLine(l) || l.Status == "FULFILLED" || l.Status == "DELIVERED" || l.Quantity == 0 && !l.QuantityUnknown {
			continue
		}
		ol, ok := p.find(d.ID, l)
		if !ok || l.QuantityUnknown || ol.QuantityUnknown {
			return nil, false
		}
		at := slices.IndexFunc(lines, func(have journal.Line) bool { return have.OrderLine == ol.ID })
		if at < 0 {
			lines = append(lines, journal.Line{OrderLine: ol.ID, SKU: l.SKU})
			at = len(lines) - 1
		}
		if lines[at].Quantity += l.Quantity; lines[at].Quantity > ol.Quantity {
			return nil, false
		}
	}
	return lines, len(lines) > 0
}

// CheckReplacement returns the lines that the replacement of a record's original has to have, as they are recorded or, before
// the release, as the original was read; and why it cannot be made beside the other delivery orders of the order, "" if it can.
func (p *Parent) CheckReplacement(r *journal.Reassignment, d *happycolis.DeliveryOrder) ([]journal.Line, journal.Reason) {
	lines := r.Replacement.Lines
	if !r.ReleaseBegan() {
		var ok bool
		if lines, ok = p.ReplacementLines(d); !ok {
			return nil, journal.AmbiguousOrderLine
		}
	}
	sum, ok := p.sumCovered(func(s happycolis.DeliveryOrder) bool { return s.ID != r.Identity.DeliveryOrder })
	if !ok {
		return lines, journal.AmbiguousOrderLine
	}
	for _, l := range lines {
		sum[l.OrderLine] += l.Quantity
	}
	if !p.isWithinOrder(sum) {
		return lines, journal.OverAllocated
	}
	return lines, ""
}

// sumLiveUnits sums the units of each order line over the delivery orders given, without cancelled and
// rejected lines. False if a live line cannot be mapped, or its quantity is not known.
func (p *Parent) sumLiveUnits(all []happycolis.DeliveryOrder) (map[string]int, bool) {
	sum := map[string]int{}
	for _, d := range all {
		for _, l := range d.Lines {
			if !IsLiveLine(l) || l.Quantity == 0 && !l.QuantityUnknown {
				continue
			}
			ol, ok := p.find(d.ID, l)
			if !ok || l.QuantityUnknown || ol.QuantityUnknown {
				return nil, false
			}
			sum[ol.ID] += l.Quantity
		}
	}
	return sum, true
}

// isWithinOrder reports whether no order line has more live units than were ordered.
func (p *Parent) isWithinOrder(sum map[string]int) bool {
	for _, ol := range p.Order.Lines {
		if sum[ol.ID] > ol.Quantity {
			return false
		}
	}
	return true
}
