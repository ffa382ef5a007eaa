package handover

import (
	"cmp"
	"maps"
	"slices"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

// The fences of what a fallback has: what fails at them is a shortfall, not a misfit.
const (
	fenceCapacity = "capacity"
	fenceStock    = "in_stock"
	fenceIfKnown  = "in_stock_if_known"
)

// demand is what one candidate is asked for in a rehearsal.
type demand struct {
	journal.TargetOutlook
	given map[string]int          // units promised, by SKU
	asked map[string]*journal.SKU // by SKU, of those whose stock is known
}

// demandOf is what the candidate of a delivery order is asked for.
func (p *Rehearsal) demandOf(c policy.Candidate, r *journal.Reassignment) *demand {
	d := p.demands[c.ID]
	if d == nil {
		d = &demand{TargetOutlook: journal.TargetOutlook{Location: cmp.Or(c.Slug, c.ID), UsedHour: c.Used.Value.Hour, UsedDay: c.Used.Value.Day},
			given: map[string]int{}, asked: map[string]*journal.SKU{}}
		p.demands[c.ID] = d
	}
	if limits := r.Decision.Capacity; limits != nil {
		d.PerHour, d.PerDay = limits.PerHour, limits.PerDay
	}
	return d
}

// promised keeps the facts, and takes out of them what the rehearsal gave away already.
func (p *Rehearsal) promised(f *policy.Facts) {
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
				s.Available -= d.given[sku]
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

// count adds what a delivery order takes at its target, and which candidates that are named before it could not
// take it.
func (p *Rehearsal) count(r *journal.Reassignment) {
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
				p.give(c, r)
				return
			}
			capacity, stock, unknown, misfit := turnedAway(t)
			if misfit || !capacity && !stock && !unknown {
				continue
			}
			d := p.demandOf(c, r)
			d.NoCapacity += one(capacity)
			d.NoStock += one(stock)
			d.Unknown += one(unknown)
			if stock {
				d.ask(c, r)
			}
		}
	}
}

func (p *Rehearsal) give(c policy.Candidate, r *journal.Reassignment) {
	d := p.demandOf(c, r)
	d.Orders++
	for _, l := range r.Lines {
		d.Units += l.Quantity
		d.given[l.SKU] += l.Quantity
	}
	d.ask(c, r)
}

func (d *demand) ask(c policy.Candidate, r *journal.Reassignment) {
	for _, l := range r.Lines {
		s := c.Stock[l.SKU]
		if !s.Known {
			continue
		}
		if d.asked[l.SKU] == nil {
			d.asked[l.SKU] = &journal.SKU{SKU: l.SKU, There: max(0, s.Available)}
		}
		d.asked[l.SKU].Asked += l.Quantity
	}
}

// turnedAway tells what a candidate lacks, and whether something else stands in the way besides.
func turnedAway(t policy.CandidateTrace) (capacity, stock, unknown, misfit bool) {
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

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// shortMost bounds the SKUs that are named for one target.
const shortMost = 10

// Targets returns what each candidate was asked for, by name.
func (p *Rehearsal) Targets() []journal.TargetOutlook {
	targets := []journal.TargetOutlook{}
	for _, d := range p.demands {
		t := d.TargetOutlook
		for _, s := range d.asked {
			if s.Asked > s.There {
				t.Short = append(t.Short, *s)
			}
		}
		slices.SortFunc(t.Short, func(a, b journal.SKU) int {
			return cmp.Or(cmp.Compare(b.Asked-b.There, a.Asked-a.There), cmp.Compare(a.SKU, b.SKU))
		})
		t.ShortSKUs = len(t.Short)
		t.Short = t.Short[:min(len(t.Short), shortMost)]
		targets = append(targets, t)
	}
	slices.SortFunc(targets, func(a, b journal.TargetOutlook) int { return cmp.Compare(a.Location, b.Location) })
	return targets
}

// Requests is how many requests to the platform a delivery order takes if it ends as it was foreseen: the
// polls and waits for confirmations not counted.
func Requests(r *journal.Reassignment) int {
	switch {
	case r.State != journal.Reassigned && r.State != journal.Holding:
		return requestsOfNone
	case r.Status == statusDraft:
		return requestsOfDraft
	case r.Dispatch == dispatchAutomatic:
		return requestsOfPending + 1
	}
	return requestsOfPending
}

// Waits returns the ids of the candidates that the delivery order foreseen last waits for: for their capacity, or until
// it is clear whether they failed.
func (p *Rehearsal) Waits(r *journal.Reassignment) []string {
	if r.State != journal.Holding {
		return nil
	}
	var ids []string
	for _, name := range append(r.Decision.Full(), r.Decision.Suspected()...) {
		ids = append(ids, p.facts.Candidates[name].ID)
	}
	return ids
}
