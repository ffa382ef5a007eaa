package handover

import (
	"cmp"
	"maps"
	"slices"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// The fences of what a fallback has: what fails at them is a shortfall, not a misfit.
const (
	fenceCapacity = "capacity"
	fenceStock    = "in_stock"
	fenceIfKnown  = "in_stock_if_known"
)

// demand is what one candidate is asked for in a forecast.
type demand struct {
	journal.TargetForecast
	reserved  map[string]int                  // units promised, by SKU
	requested map[string]*journal.SKUShortage // by SKU, of those whose stock is known
}

// demandFor is what the candidate of a delivery order is asked for.
func (p *Forecast) demandFor(c policy.Candidate, r *journal.Reassignment) *demand {
	d := p.demands[c.ID]
	if d == nil {
		d = &demand{TargetForecast: journal.TargetForecast{Location: cmp.Or(c.Slug, c.ID), UsedHour: c.Used.Value.Hour, UsedDay: c.Used.Value.Day},
			reserved: map[string]int{}, requested: map[string]*journal.SKUShortage{}}
		p.demands[c.ID] = d
	}
	if limits := r.Decision.Capacity; limits != nil {
		d.PerHour, d.PerDay = limits.PerHour, limits.PerDay
	}
	return d
}

// subtractReserved keeps the facts, and takes out of them what the forecast gave away already.
func (p *Forecast) subtractReserved(f *policy.Facts) {
	if p == nil {
		return
	}
	p.facts = *f
	p.facts.Candidates = maps.Clone(f.Candidates)
	for name, c := range f.Candidates {
		d := p.demands[c.ID]
		if d == nil {
			continue
		}
		if len(c.Stock) > 0 {
			c.Stock = maps.Clone(c.Stock)
			for sku, s := range c.Stock {
				s.Available -= d.reserved[sku]
				c.Stock[sku] = s
			}
		}
		if c.Used.Known {
			c.Used.Value.Hour += d.Orders
			c.Used.Value.Day += d.Orders
		}
		f.Candidates[name] = c
	}
}

// countOrder adds what a delivery order takes at its target, and which candidates that are named before it could not
// take it.
func (p *Forecast) countOrder(r *journal.Reassignment) {
	if r.Decision == nil || r.State != journal.Reassigned && r.State != journal.Holding && r.Reason != journal.NoCandidate {
		return
	}
	for _, rule := range r.Decision.Trace {
		for _, t := range rule.Candidates {
			c, known := p.facts.Candidates[t.Name]
			if !known {
				continue
			}
			if r.State == journal.Reassigned && c.ID == r.ToID {
				p.reserveAt(c, r)
				return
			}
			capacity, stock, unknown, misfit := rejectionCauses(t)
			if misfit || !capacity && !stock && !unknown {
				continue
			}
			d := p.demandFor(c, r)
			d.NoCapacity += boolToInt(capacity)
			d.NoStock += boolToInt(stock)
			d.Unknown += boolToInt(unknown)
			if stock {
				d.addRequest(c, r)
			}
		}
	}
}

func (p *Forecast) reserveAt(c policy.Candidate, r *journal.Reassignment) {
	d := p.demandFor(c, r)
	d.Orders++
	for _, l := range r.Lines {
		d.Units += l.Quantity
		d.reserved[l.SKU] += l.Quantity
	}
	d.addRequest(c, r)
}

func (d *demand) addRequest(c policy.Candidate, r *journal.Reassignment) {
	for _, l := range r.Lines {
		s := c.Stock[l.SKU]
		if !s.Known {
			continue
		}
		if d.requested[l.SKU] == nil {
			d.requested[l.SKU] = &journal.SKUShortage{SKU: l.SKU, Available: max(0, s.Available)}
		}
		d.requested[l.SKU].Requested += l.Quantity
	}
}

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

// Targets returns what each candidate was asked for, by name.
func (p *Forecast) Targets() []journal.TargetForecast {
	targets := []journal.TargetForecast{}
	for _, d := range p.demands {
		t := d.TargetForecast
		for _, s := range d.requested {
			if s.Requested > s.Available {
				t.Short = append(t.Short, *s)
			}
		}
		slices.SortFunc(t.Short, func(a, b journal.SKUShortage) int {
			return cmp.Or(cmp.Compare(b.Requested-b.Available, a.Requested-a.Available), cmp.Compare(a.SKU, b.SKU))
		})
		t.ShortSKUs = len(t.Short)
		t.Short = t.Short[:min(len(t.Short), maxShortSKUs)]
		targets = append(targets, t)
	}
	slices.SortFunc(targets, func(a, b journal.TargetForecast) int { return cmp.Compare(a.Location, b.Location) })
	return targets
}

// EstimateRequests is how many requests to the platform a delivery order takes if it ends as it was foreseen: the
// polls and waits for confirmations not counted.
func EstimateRequests(r *journal.Reassignment) int {
	switch {
	case r.State != journal.Reassigned && r.State != journal.Holding:
		return requestsOfNone
	case r.Status == orders.StatusDraft:
		return requestsOfDraft
	case r.Dispatch == orders.DispatchAutomatic:
		return requestsOfPending + 1
	}
	return requestsOfPending
}

// AwaitedCandidates returns the ids of the candidates that the delivery order foreseen last waits for: for their capacity, or until
// it is clear whether they failed.
func (p *Forecast) AwaitedCandidates(r *journal.Reassignment) []string {
	if r.State != journal.Holding {
		return nil
	}
	var ids []string
	for _, name := range append(r.Decision.Full(), r.Decision.Suspected()...) {
		ids = append(ids, p.facts.Candidates[name].ID)
	}
	return ids
}
