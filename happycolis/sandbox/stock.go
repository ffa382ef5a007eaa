package sandbox

import (
	"cmp"
	"maps"
	"slices"
)

// AddStock sets what a location has of a SKU, again if it has some, and announces it. The location is named by
// id or slug.
func (p *Platform) AddStock(s Stock) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Location = p.mustFindLocation(s.Location).ID
	if before := p.stockOf(s.Location, s.SKU); before != nil {
		s.ID = cmp.Or(s.ID, before.ID)
		delete(p.stocks, before.ID)
	}
	s.ID = cmp.Or(s.ID, p.newID())
	s.Status, s.Model = cmp.Or(s.Status, "VALID"), cmp.Or(s.Model, "PRODUCT")
	p.stocks[s.ID] = &s
	p.announceStock("stock_reference/updated", &s)
}

func (p *Platform) stockOf(location, sku string) *Stock {
	for _, s := range p.stocks {
		if s.Location == location && s.SKU == sku {
			return s
		}
	}
	return nil
}

// reserve keeps the figures of a location true when a delivery order changes: its units are reserved from the
// moment it is sent (assumed; documented is that reserved units are committed to delivery orders and not
// shipped) until they are cancelled, rejected or shipped. It announces what changed.
func (p *Platform) reserve(before, d *delivery) {
	was, is := before.reserves(), d.reserves()
	for _, sku := range slices.Sorted(maps.Keys(was.and(is))) {
		s := p.stockOf(d.Location, sku) // only a DRAFT changes its location, and that reserves nothing
		if s == nil || was[sku] == is[sku] {
			continue
		}
		s.Reserved += is[sku] - was[sku]
		shipped := d.shipped(sku) - before.shipped(sku)
		s.Physical, s.Usable = s.Physical-shipped, s.Usable-shipped
		p.announceStock("stock_reference/movement_updated", s)
	}
}

type unitsBySKU map[string]int

func (u unitsBySKU) and(more unitsBySKU) unitsBySKU {
	all := maps.Clone(u)
	maps.Copy(all, more)
	return all
}

// reserves are the units that the location has set aside.
func (d *delivery) reserves() unitsBySKU {
	units := unitsBySKU{}
	if d.Status == Draft {
		return units
	}
	for _, l := range d.Lines {
		if l.Status != LineCanceled && l.Status != LineRejected {
			units[l.SKU] += l.Quantity - l.Fulfilled
		}
	}
	return units
}

func (d *delivery) shipped(sku string) int {
	sum := 0
	for _, l := range d.Lines {
		if l.SKU == sku {
			sum += l.Fulfilled
		}
	}
	return sum
}
