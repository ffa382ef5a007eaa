package sandbox

import "time"

// Rename gives a location another slug, and announces it. A slug that another location of the organization bears
// panics: MoveSlug takes it away first.
func (p *Platform) Rename(name, slug string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.renameLocation(p.mustFindLocation(name), slug)
}

// MoveSlug passes the slug of one location to another: the one is given a new slug first, then the other one takes
// the old. Each is announced, in this order.
func (p *Platform) MoveSlug(from, to, newSlug string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	bearer, heir := p.mustFindLocation(from), p.mustFindLocation(to)
	slug := bearer.Slug
	p.renameLocation(bearer, newSlug)
	p.renameLocation(heir, slug)
}

func (p *Platform) renameLocation(l *location, slug string) {
	for _, id := range p.locationIDs {
		if other := p.locations[id]; other != l && other.Organization == l.Organization && other.Slug == slug {
			panic("sandbox: another location is called " + slug)
		}
	}
	p.editLocation(l, func() { l.Slug = slug })
}

// SetAcceptsFrom has a location take requests from then on only; the zero time is always.
func (p *Platform) SetAcceptsFrom(name string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.mustFindLocation(name)
	p.editLocation(l, func() { l.AcceptFulfillmentAt = at })
}

func (p *Platform) editLocation(l *location, edit func()) {
	l.prev = &location{Location: l.Location}
	edit()
	p.announceLocation("location/updated", l)
}
