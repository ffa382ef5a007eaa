package console

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// incidentBody is the page of one incident. However many delivery orders it has, it is made of counts; the
// API's answer about an incident looks at single ones, so it is not asked for here.
type incidentBody struct {
	Inc      *journal.Incident
	InFlight int
	Paused   bool // by itself or with everything
	Own      bool // by itself
	Tally    journal.Tally
	Progress progress
	Flow     flow
	Reasons  []reasonGroup // of those that need a person
	Air      []stateCount
	LeftBy   []reasonGroup
	Plan     *planBody // nil: it waits for no approval

	Blocking *journal.Gate // of a blocked incident: the gate that does not hold
	Lifts    string        // what a person could lift by unblocking it; "": nothing

	LeftOut   []leftOut // the first that were approved, and not moved as planned
	LeftOutOf int
}

// leftOut is a delivery order that differs from the approved plan.
type leftOut struct{ DeliveryOrder, Changed string }

// leftOutMost is how many of them are shown.
const leftOutMost = 10

// reasonGroup are the delivery orders at rest for one reason.
type reasonGroup struct {
	Incident, Organization string
	State                  journal.State
	Reason                 journal.Reason
	Count                  int
	Advice                 journal.Advice
}

// stateCount are the delivery orders that are in one state under way.
type stateCount struct {
	State journal.State
	Count int
}

func (c *Console) incident(r *http.Request) (*view, error) {
	inc, err := c.named(r, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	b := incidentBody{Inc: inc, Plan: c.planOf(inc)}
	if b.InFlight, err = c.desk.Index.CountInFlight(r.Context(), inc.Organization, inc.LocationID); err != nil {
		return nil, err
	}
	pauses, err := c.desk.Journal.Pauses(r.Context(), inc.Organization)
	if err != nil {
		return nil, err
	}
	b.Own = pausedBy(pauses, inc.LocationID)
	b.Paused = b.Own || pausedBy(pauses, journal.Everything)
	if b.Tally, err = c.desk.Journal.Tally(r.Context(), inc.Organization, inc.ID); err != nil {
		return nil, err
	}
	out, n, err := c.desk.Journal.LeftOut(r.Context(), inc.Organization, inc.ID, leftOutMost)
	if err != nil {
		return nil, err
	}
	b.LeftOutOf = n
	for _, id := range slices.Sorted(maps.Keys(out)) {
		b.LeftOut = append(b.LeftOut, leftOut{id, out[id]})
	}
	if b.Blocking, b.Lifts, err = c.held(r, inc); err != nil {
		return nil, err
	}
	b.Progress = progressOf(inc, b.Tally, c.desk.Now())
	b.Flow = flowOf(inc, b.Tally)
	b.Reasons = reasonGroups(inc, journal.NeedsPerson, b.Tally.Reasons[journal.NeedsPerson])
	b.LeftBy = reasonGroups(inc, journal.Left, b.Tally.Reasons[journal.Left])
	for _, state := range journal.States() {
		if n := b.Tally.States[state]; n > 0 && !state.AtRest() {
			b.Air = append(b.Air, stateCount{state, n})
		}
	}
	return &view{template: "incident", title: placeOf(inc), section: "incidents", body: b}, nil
}

// held says what holds an incident, and what a person could lift. Of a stopped one the form says whether it can
// be closed already: that takes a look at its delivery orders.
func (c *Console) held(r *http.Request, inc *journal.Incident) (blocking *journal.Gate, lifts string, err error) {
	switch inc.State {
	case journal.Stopped:
		return nil, "the stop", nil
	case journal.Blocked:
		if at := slices.IndexFunc(inc.Gates, func(g journal.Gate) bool { return !g.Pass }); at >= 0 {
			blocking = &inc.Gates[at]
		}
	case journal.Closed:
	case journal.Settling, journal.AwaitingApproval, journal.Draining, journal.Watching, journal.Dismissed:
		return nil, "", nil
	}
	lifts, err = c.desk.Incidents.Lifts(r.Context(), inc)
	if errors.Is(err, handover.ErrNotApplicable) {
		return blocking, "", nil
	}
	return blocking, lifts, err
}

// named returns the incident of an id, of whichever organization.
func (c *Console) named(r *http.Request, id string) (*journal.Incident, error) {
	for _, organization := range c.organizations() {
		inc, err := c.desk.Journal.Incident(r.Context(), organization, id)
		if err == nil || !errors.Is(err, journal.ErrNotFound) {
			return inc, err
		}
	}
	return nil, &problem{http.StatusNotFound, fmt.Sprintf("There is no incident %q.", id)}
}

func pausedBy(pauses []journal.Pause, scope string) bool {
	return slices.ContainsFunc(pauses, func(p journal.Pause) bool { return p.Scope == scope })
}

func placeOf(inc *journal.Incident) string { return cmp.Or(inc.Location, inc.LocationID) }
