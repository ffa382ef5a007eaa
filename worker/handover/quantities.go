package handover

import (
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// orderLines maps the lines of delivery orders to the lines of their parent order. The platform shows no
// such link on a read. Webhooks may carry it (assumed); else the SKU decides, if it stands on one
// line of the order only.
type orderLines struct {
	order    happycolis.Order
	recorded map[string]map[string]string // delivery order > its line > order line
}

// find returns the order line of a line; false if it is ambiguous or missing.
func (m orderLines) find(deliveryOrder string, l happycolis.Line) (happycolis.OrderLine, bool) {
	if id := m.recorded[deliveryOrder][l.ID]; id != "" {
		for _, ol := range m.order.Lines {
			if ol.ID == id {
				return ol, true
			}
		}
	}
	var found []happycolis.OrderLine
	for _, ol := range m.order.Lines {
		if ol.SKU == l.SKU && l.SKU != "" {
			found = append(found, ol)
		}
	}
	if len(found) != 1 {
		return happycolis.OrderLine{}, false
	}
	return found[0], true
}

// replacementLines are the lines that the replacement of d must have: those with units that are neither cancelled,
// rejected nor fulfilled, in full quantity. False if one of them cannot be mapped, has no known quantity, or asks for more
// than was ordered.
func (m orderLines) replacementLines(d *happycolis.DeliveryOrder) ([]journal.Line, bool) {
	var lines []journal.Line
	for _, l := range d.Lines {
		if !isLiveLine(l) || l.Status == "FULFILLED" || l.Status == "DELIVERED" || l.Quantity == 0 && !l.QuantityUnknown {
			continue
		}
		ol, ok := m.find(d.ID, l)
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

// sumLiveUnits sums the units of each order line over the delivery orders given, without cancelled and
// rejected lines. False if a live line cannot be mapped, or its quantity is not known.
func (m orderLines) sumLiveUnits(all []happycolis.DeliveryOrder) (map[string]int, bool) {
	sum := map[string]int{}
	for _, d := range all {
		for _, l := range d.Lines {
			if !isLiveLine(l) || l.Quantity == 0 && !l.QuantityUnknown {
				continue
			}
			ol, ok := m.find(d.ID, l)
			if !ok || l.QuantityUnknown || ol.QuantityUnknown {
				return nil, false
			}
			sum[ol.ID] += l.Quantity
		}
	}
	return sum, true
}

// isWithinOrder reports whether no order line has more live units than were ordered.
func (m orderLines) isWithinOrder(sum map[string]int) bool {
	for _, ol := range m.order.Lines {
		if sum[ol.ID] > ol.Quantity {
			return false
		}
	}
	return true
}

// hasExactLines reports whether a delivery order has exactly these units, SKU by SKU: what a read of it can
// show.
func hasExactLines(d happycolis.DeliveryOrder, want []journal.Line) bool {
	return sameUnits(d, want, isLiveLine)
}

// sameUnits is hasExactLines of those lines of a delivery order that count.
func sameUnits(d happycolis.DeliveryOrder, want []journal.Line, counts func(happycolis.Line) bool) bool {
	units := map[string]int{}
	for _, l := range want {
		units[l.SKU] += l.Quantity
	}
	for _, l := range d.Lines {
		if counts(l) {
			units[l.SKU] -= l.Quantity
		}
	}
	for _, n := range units {
		if n != 0 {
			return false
		}
	}
	return true
}

// hasExactSKUs reports whether the live lines of a delivery order are of exactly these SKUs.
func hasExactSKUs(d happycolis.DeliveryOrder, want []journal.Line) bool {
	skus := map[string]int{}
	for _, l := range want {
		skus[l.SKU] |= 1
	}
	for _, l := range d.Lines {
		if isLiveLine(l) {
			skus[l.SKU] |= 2
		}
	}
	for _, in := range skus {
		if in != 3 {
			return false
		}
	}
	return true
}

// equalLines reports whether two replacements would have the same units of the same order lines.
func equalLines(a, b []journal.Line) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(l journal.Line) bool { return !slices.Contains(b, l) })
}

// totalUnits are those of all lines, cancelled ones too.
func totalUnits(d *happycolis.DeliveryOrder) int {
	n := 0
	for _, l := range d.Lines {
		n += l.Quantity
	}
	return n
}

// isLive reports whether a delivery order still covers units: not cancelled, not rejected as a whole. A line without units
// counts only where there is no other.
func isLive(d happycolis.DeliveryOrder) bool {
	lines := slices.DeleteFunc(slices.Clone(d.Lines), func(l happycolis.Line) bool { return l.Quantity == 0 && !l.QuantityUnknown })
	if len(lines) == 0 {
		lines = d.Lines
	}
	return slices.ContainsFunc(lines, isLiveLine)
}

func isLiveLine(l happycolis.Line) bool { return l.Status != lineCanceled && l.Status != lineRejected }
