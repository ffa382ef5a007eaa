package plan

import (
	"cmp"
	"context"
	"slices"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
)

// demand is what the candidates of one forecast are asked for. It is the ledger that the forecast decides by: what was given
// to one delivery order is not there for the next.
type demand struct {
	of      decision.Ledger
	targets map[string]*target // by location id
}

func newDemand(of decision.Ledger) *demand {
	return &demand{of: of, targets: map[string]*target{}}
}

// target is what one candidate is asked for.
type target struct {
	journal.TargetForecast
	has       ledger.Availability             // as it was read last, before anything is given away
	reserved  map[string]int                  // units given away, by SKU
	requested map[string]*journal.SKUShortage // by SKU, of those whose stock is known
	counted   bool                            // something was asked of it, or it was passed over
}

// Availability implements decision.Ledger.
func (m *demand) Availability(ctx context.Context, organization string, q ledger.Query) (ledger.Availability, error) {
	has, err := m.of.Availability(ctx, organization, q)
	if err != nil {
		return has, err
	}
	t := m.targets[q.Location]
	if t == nil {
		t = &target{reserved: map[string]int{}, requested: map[string]*journal.SKUShortage{}}
		m.targets[q.Location] = t
	}
	t.has = has
	left := ledger.Availability{Stock: map[string]ledger.StockLevel{}, StartedHour: has.StartedHour + t.Orders, StartedDay: has.StartedDay + t.Orders}
	for sku, s := range has.Stock {
		s.Available -= t.reserved[sku]
		left.Stock[sku] = s
	}
	return left, nil
}

// countOrder adds what a delivery order takes at its target, and which candidates that are named before it could not take it.
func (m *demand) countOrder(d decision.Decision, lines []journal.Line) {
	if d.Policy == nil || d.State != journal.Reassigned && d.State != journal.Holding && d.Reason != journal.NoCandidate {
		return
	}
	for _, rule := range d.Policy.Trace {
		for _, trace := range rule.Candidates {
			c, known := d.Facts.Candidates[trace.Name]
			if !known {
				continue
			}
			if d.State == journal.Reassigned && c.ID == d.Target.ID {
				m.countTarget(c, d).reserve(lines)
				return
			}
			capacity, stock, unknown, misfit := rejectionCauses(trace)
			if misfit || !capacity && !stock && !unknown {
				continue
			}
			t := m.countTarget(c, d)
			t.NoCapacity += boolToInt(capacity)
			t.NoStock += boolToInt(stock)
			t.Unknown += boolToInt(unknown)
			if stock {
				t.addRequest(lines)
			}
		}
	}
}

// countTarget returns the target that a candidate of a decision is, and has it counted from now on.
func (m *demand) countTarget(c policy.Candidate, d decision.Decision) *target {
	t := m.targets[c.ID]
	if !t.counted {
		t.counted, t.Location, t.UsedHour, t.UsedDay = true, cmp.Or(c.Slug, c.ID), t.has.StartedHour, t.has.StartedDay
	}
	if limits := d.Policy.Capacity; limits != nil {
		t.PerHour, t.PerDay = limits.PerHour, limits.PerDay
	}
	return t
}

func (t *target) reserve(lines []journal.Line) {
	t.Orders++
	for _, l := range lines {
		t.Units += l.Quantity
		t.reserved[l.SKU] += l.Quantity
	}
	t.addRequest(lines)
}

func (t *target) addRequest(lines []journal.Line) {
	for _, l := range lines {
		s := t.has.Stock[l.SKU]
		if !s.Known {
			continue
		}
		if t.requested[l.SKU] == nil {
			t.requested[l.SKU] = &journal.SKUShortage{SKU: l.SKU, Available: max(0, s.Available)}
		}
		t.requested[l.SKU].Requested += l.Quantity
	}
}

// The fences of what a candidate has: what fails at them is a shortfall, not a misfit.
const (
	fenceCapacity = "capacity"
	fenceStock    = "in_stock"
	fenceIfKnown  = "in_stock_if_known"
)

// rejectionCauses tells what a candidate lacks, and whether something else stands in the way besides.
func rejectionCauses(t policy.CandidateTrace) (capacity, stock, unknown, misfit bool) {
	for _, c := range t.Checks {
		switch {
		case c.Verdict == policy.Holds || c.Verdict == policy.Rated:
		case c.Word == fenceCapacity && c.Verdict == policy.Fails:
			capacity = true
		case (c.Word == fenceStock || c.Word == fenceIfKnown) && c.Verdict == policy.Fails:
			stock = true
		case c.Word == fenceStock && c.Verdict == policy.Unknown:
			unknown = true
		default:
			misfit = true
		}
	}
	return capacity, stock, unknown, misfit
}

func boolToInt(is bool) int {
	if is {
		return 1
	}
	return 0
}

// maxShortSKUs bounds the SKUs that are named for one target.
const maxShortSKUs = 10

// forecast returns what each candidate was asked for, by name.
func (m *demand) forecast() []journal.TargetForecast {
	all := []journal.TargetForecast{}
	for _, of := range m.targets {
		if !of.counted {
			continue
		}
		t := of.TargetForecast
		for _, s := range of.requested {
			if s.Requested > s.Available {
				t.Short = append(t.Short, *s)
			}
		}
		slices.SortFunc(t.Short, func(a, b journal.SKUShortage) int {
			return cmp.Or(cmp.Compare(b.Requested-b.Available, a.Requested-a.Available), cmp.Compare(a.SKU, b.SKU))
		})
		t.ShortSKUs = len(t.Short)
		t.Short = t.Short[:min(len(t.Short), maxShortSKUs)]
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b journal.TargetForecast) int { return cmp.Compare(a.Location, b.Location) })
	return all
}
