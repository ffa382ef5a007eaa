package incident

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Rehearsal plans locations of one organization, each as if it alone had failed, and sums up what it comes
// to. Memory stays flat in the number of delivery orders.
type Rehearsal struct {
	s       *Incidents
	org     *worker.Organization
	outlook *journal.Outlook
}

// Rehearse begins a rehearsal; all tells that it will be of every location. nil: the organization is not
// configured.
func (s *Incidents) Rehearse(organization string, all bool) *Rehearsal {
	org := s.Organizations[organization]
	if org == nil {
		return nil
	}
	o := &journal.Outlook{Organization: organization, At: s.Now().UTC(), All: all, Revision: org.Policy().Revision(),
		Targets: map[string]int{}, Left: map[journal.Reason]int{}, Persons: map[journal.Reason]int{}, Stranded: map[journal.Reason]int{},
		Locations: []journal.LocationOutlook{}}
	if org.Rate.PerMinute > 0 {
		o.PerSecond = org.Rate.Sustained()
	}
	return &Rehearsal{s: s, org: org, outlook: o}
}

// Places returns the locations that are known, by their names.
func (p *Rehearsal) Places(ctx context.Context) ([]index.Place, error) {
	places, err := p.s.Index.Places(ctx, p.org.ID)
	slices.SortFunc(places, func(a, b index.Place) int { return cmp.Compare(cmp.Or(a.Slug, a.ID), cmp.Or(b.Slug, b.ID)) })
	return places, err
}

// Plan yields what would become of each delivery order of one location, and counts it.
func (p *Rehearsal) Plan(ctx context.Context, at index.Place) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		l := journal.LocationOutlook{LocationID: at.ID, Location: cmp.Or(at.Slug, at.ID)}
		rehearsal := p.s.Handover.Rehearse(p.org, at.ID)
		everything := func(ids []string) ([]string, error) { return ids, nil }
		for r, err := range p.s.foresee(ctx, p.org.ID, at.ID, rehearsal, everything) {
			if err == nil {
				p.count(&l, r)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		l.Targets = rehearsal.Targets()
		p.outlook.Locations = append(p.outlook.Locations, l)
	}
}

func (p *Rehearsal) count(l *journal.LocationOutlook, r *journal.Reassignment) {
	o, requests := p.outlook, handover.Requests(r)
	l.Orders++
	o.Orders++
	l.Requests += requests
	o.Requests += requests
	switch r.State {
	case journal.Reassigned:
		l.Moves++
		o.Targets[cmp.Or(r.To, r.ToID)]++
	case journal.Holding:
		l.Holding++
		o.Holding++
	case journal.Left:
		l.Left++
		o.Left[r.Reason]++
	default:
		l.Persons++
		o.Persons[r.Reason]++
		if stranded(r) {
			l.Stranded++
			o.Stranded[r.Reason]++
		}
	}
}

// Outlook is what the rehearsal came to so far.
func (p *Rehearsal) Outlook() *journal.Outlook { return p.outlook }

// stranded reports whether a delivery order that needs a person could be moved, but for nobody having named a
// place for it. Not so: what a rule of the policy sends to a person, which the default is not; what the configured
// statuses leave out; what its location has begun; what is never moved unasked, whatever the policy says.
func stranded(r *journal.Reassignment) bool {
	switch r.Reason {
	case journal.PolicyRule:
		return r.Decision == nil || r.Decision.Rule == policy.DefaultRule
	case journal.OpenedNotEnabled, journal.StatusNotEnabled, journal.AlreadyPreparing, journal.AlreadyShipped,
		journal.AggregatedOrders, journal.AmbiguousOrderLine, journal.OrderOnHold, journal.OrderNotOpen:
		return false
	default:
		return true
	}
}
