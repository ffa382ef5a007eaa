package sandbox

import (
	"cmp"
	"time"
)

// Break puts a location's integration into ERROR and announces errored. A location is named by id
// or slug, here and below; an unknown one panics.
func (p *Platform) Break(location string) { p.SetIntegration(location, IntegrationError, "", true) }

// Recover brings the integration back to ACTIVE. How the platform announces that is not documented:
// announce sends accepted.
func (p *Platform) Recover(location string, announce bool) {
	p.SetIntegration(location, IntegrationActive, "", announce)
}

// SetIntegration sets the state of a location's integration, and its id unless empty.
func (p *Platform) SetIntegration(location, state, integrationID string, announce bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setIntegration(p.mustFindLocation(location), state, integrationID, announce)
}

func (p *Platform) setIntegration(l *location, state, integrationID string, announce bool) {
	l.prev = &location{Location: l.Location}
	l.changes++
	l.IntegrationState, l.IntegrationID = state, cmp.Or(integrationID, l.IntegrationID)
	p.recordIntegration(byPlatform, l)
	if announce {
		kind := map[string]string{
			IntegrationError: "errored", IntegrationActive: "accepted", IntegrationPending: "created",
		}[state]
		p.announceLocation("location/fulfillment_service_integration/"+cmp.Or(kind, "rejected"), l)
	}
	if state == IntegrationActive {
		p.catchUp(l)
		waiting := p.silenced[l.ID]
		delete(p.silenced, l.ID)
		for _, speak := range waiting {
			speak()
		}
	}
}

// RecoverBriefly has a location's integration read ACTIVE for so long, and then again what it read before, unless it was set
// meanwhile. What waited for it to be ACTIVE happens.
func (p *Platform) RecoverBriefly(name string, lasts time.Duration, announce bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.mustFindLocation(name)
	before := l.IntegrationState
	p.setIntegration(l, IntegrationActive, "", announce)
	during := l.changes
	p.schedule(lasts, func() {
		if l.changes == during {
			p.setIntegration(l, before, "", announce)
		}
	})
}

// SetActive opens or closes a location. Work in progress there goes on (documented).
func (p *Platform) SetActive(name string, active bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.mustFindLocation(name)
	l.prev = &location{Location: l.Location}
	l.Active = active
	kind := "location/updated"
	if !active {
		kind = "location/deactivated"
	}
	p.announceLocation(kind, l)
}

// whenActive keeps what a location wants to say until its integration is ACTIVE again.
func (p *Platform) whenActive(location string, speak func()) {
	p.silenced[location] = append(p.silenced[location], speak)
}

// findLocation finds a location by id or slug.
func (p *Platform) findLocation(name string) *location {
	if l := p.locations[name]; l != nil {
		return l
	}
	for _, id := range p.locationIDs {
		if l := p.locations[id]; l.Slug == name && name != "" {
			return l
		}
	}
	return nil
}

func (p *Platform) mustFindLocation(name string) *location {
	l := p.findLocation(name)
	if l == nil {
		panic("sandbox: unknown location " + name)
	}
	return l
}
