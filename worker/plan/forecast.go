package plan

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Forecast asks, for locations of one organization, what would happen if that one alone had failed, and counts the
// answers. It moves nothing. Its memory does not grow with the number of delivery orders.
type Forecast struct {
	p      *Planner
	org    *worker.Organization
	result *journal.Forecast
}

// NewForecast begins a forecast; all says that it will be of every location. nil: the organization is not configured.
func (p *Planner) NewForecast(organization string, all bool) *Forecast {
	org := p.Organizations[organization]
	if org == nil {
		return nil
	}
	o := &journal.Forecast{Organization: organization, At: p.Now().UTC(), All: all, Revision: org.Policy().Revision(),
		Targets: map[string]int{}, Left: map[journal.Reason]int{}, Persons: map[journal.Reason]int{}, Stranded: map[journal.Reason]int{},
		Locations: []journal.LocationForecast{}}
	if org.Rate.PerMinute > 0 {
		o.PerSecond = org.Rate.PerSecondSustained()
	}
	return &Forecast{p: p, org: org, result: o}
}

// Locations returns the known locations, sorted by name.
func (f *Forecast) Locations(ctx context.Context) ([]index.Location, error) {
	places, err := f.p.Index.Locations(ctx, f.org.ID)
	slices.SortFunc(places, func(a, b index.Location) int { return cmp.Compare(cmp.Or(a.Slug, a.ID), cmp.Or(b.Slug, b.ID)) })
	return places, err
}

// PredictLocation yields what would happen to each delivery order of one location, and counts it.
func (f *Forecast) PredictLocation(ctx context.Context, at index.Location) iter.Seq2[*journal.Reassignment, error] {
	return func(yield func(*journal.Reassignment, error) bool) {
		l := journal.LocationForecast{LocationID: at.ID, Location: cmp.Or(at.Slug, at.ID)}
		location := f.p.newPrediction(f.org, at.ID)
		everything := func(ids []string) ([]string, error) { return ids, nil }
		for o, err := range f.p.predictOrders(ctx, location, everything) {
			if err == nil {
				f.countOrder(&l, o)
			}
			if !yield(o.Reassignment, err) || err != nil {
				return
			}
		}
		l.Targets = location.demand.forecast()
		f.result.Locations = append(f.result.Locations, l)
	}
}

func (f *Forecast) countOrder(l *journal.LocationForecast, r outcome) {
	o := f.result
	l.Orders++
	o.Orders++
	l.Requests += r.requests
	o.Requests += r.requests
	o.Automatic += boolToInt(r.mayReturn())
	switch r.State {
	case journal.Reassigned:
		l.Moves++
		o.Targets[cmp.Or(r.Decision.To, r.Decision.ToID)]++
	case journal.Holding:
		l.Holding++
		o.Holding++
	case journal.Left:
		l.Left++
		o.Left[r.Reason]++
	default:
		l.Persons++
		o.Persons[r.Reason]++
		if IsStranded(r.Reassignment) {
			l.Stranded++
			o.Stranded[r.Reason]++
		}
	}
}

// Result returns the counts so far.
func (f *Forecast) Result() *journal.Forecast { return f.result }

// IsStranded reports whether a delivery order would need an operator only because the policy offers no target for it.
// Not stranded is what a rule of the policy sends to an operator (its default is no such rule), what the configured
// statuses leave out, what its location has begun to ship, and what is never moved automatically, whatever the policy
// says.
func IsStranded(r *journal.Reassignment) bool {
	if r.State != journal.NeedsPerson {
		return false
	}
	switch r.Reason {
	case journal.PolicyRule:
		return r.Decision.Policy == nil || r.Decision.Policy.Rule == policy.DefaultRule
	case journal.OpenedNotEnabled, journal.StatusNotEnabled, journal.AlreadyPreparing, journal.AlreadyShipped,
		journal.AggregatedOrders, journal.AmbiguousOrderLine, journal.OrderOnHold, journal.OrderNotOpen:
		return false
	default:
		return true
	}
}
