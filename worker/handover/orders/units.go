package orders

import (
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// HasExactLines reports whether a delivery order has exactly these units, SKU by SKU: what a read of it can
// show.
func HasExactLines(d happycolis.DeliveryOrder, want []journal.Line) bool {
	return SameUnits(d, want, IsLiveLine)
}

// SameUnits is HasExactLines of those lines of a delivery order that count.
func SameUnits(d happycolis.DeliveryOrder, want []journal.Line, counts func(happycolis.Line) bool) bool {
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
		if IsLiveLine(l) {
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

// EqualLines reports whether two replacements would have the same units of the same order lines.
func EqualLines(a, b []journal.Line) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(l journal.Line) bool { return !slices.Contains(b, l) })
}

// TotalUnits are those of all lines, cancelled ones too.
func TotalUnits(d *happycolis.DeliveryOrder) int {
	n := 0
	for _, l := range d.Lines {
		n += l.Quantity
	}
	return n
}

// LiveLines are the lines with units that are neither cancelled nor rejected, as read; a DRAFT keeps them, so no order line
// has to be known.
func LiveLines(d *happycolis.DeliveryOrder) []journal.Line {
	var lines []journal.Line
	for _, l := range d.Lines {
		if IsLiveLine(l) && l.Quantity != 0 {
			lines = append(lines, journal.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	return lines
}

// UnrejectedLines are the lines with units of a cancelled delivery order, but for those that its location had rejected.
func UnrejectedLines(d *happycolis.DeliveryOrder) []journal.Line {
	var lines []journal.Line
	for _, l := range d.Lines {
		if l.Status != lineRejected && l.Quantity != 0 {
			lines = append(lines, journal.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	return lines
}

// OrphanCandidates returns, of all delivery orders of one order, the cancelled ones of which a DRAFT elsewhere has
// the lines. An import nominates them: the journal says whether it knows the DRAFT.
func OrphanCandidates(all []happycolis.DeliveryOrder) map[string]bool {
	found := map[string]bool{}
	for i := range all {
		if d := &all[i]; AllLinesCancelled(d) {
			want := UnrejectedLines(d)
			found[d.ID] = slices.ContainsFunc(all, func(s happycolis.DeliveryOrder) bool {
				return s.Status == StatusDraft && s.Location.ID != d.Location.ID && IsLive(s) && HasExactLines(s, want)
			})
		}
	}
	return found
}
