package console

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
)

// incidentBody is the page of one incident. It is made of counts, so that it costs the same however many delivery
// orders there are. The API's answer about an incident reads single records, so it is not used here.
type incidentBody struct {
	Inc      *journal.Incident
	InFlight int
	Paused   bool // the location is paused, by itself or with all locations
	Own      bool // the location is paused by itself
	Tally    journal.Tally
	Progress progress
	Flow     sankey
	Reasons  []reasonGroup // of those that need an operator
	Air      []stateCount
	LeftBy   []reasonGroup
	Plan     *planBody // nil: the incident waits for no approval

	Gates     []journal.Gate  // judged now
	BlockedBy *incident.Hold  // the first gate that blocks it
	Besides   []incident.Hold // the others that block it, and those that an approval lifts
	Lifts     string          // what an operator could lift by unblocking it; "": nothing

	LeftOut   []deviation // the first that were approved, but not moved since something changed
	LeftOutOf int
}

// deviation is a delivery order that would not go as the approved plan says.
type deviation struct{ DeliveryOrder, Number, Changed string }

// maxDeviations is how many of them are shown.
const maxDeviations = 10

// reasonGroup counts the delivery orders at rest for one reason.
type reasonGroup struct {
	Incident, Organization string
	State                  journal.State
	Reason                 journal.Reason
	Count                  int
	Advice                 api.Advice
}

// stateCount counts the delivery orders in one state that is not at rest.
type stateCount struct {
	State journal.State
	Count int
}

func (c *Console) viewIncident(r *http.Request) (*view, error) {
	inc, err := c.findIncident(r, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	b := incidentBody{Inc: inc, Plan: c.planOf(inc)}
	if b.InFlight, err = c.query.Index.CountInFlight(r.Context(), inc.Organization, inc.LocationID); err != nil {
		return nil, err
	}
	pauses, err := c.query.ListPauses(r.Context(), inc.Organization)
	if err != nil {
		return nil, err
	}
	b.Own = isPaused(pauses, inc.LocationID)
	b.Paused = b.Own || isPaused(pauses, api.AllLocations)
	if b.Tally, err = c.query.Journal.Tally(r.Context(), inc.Organization, inc.ID); err != nil {
		return nil, err
	}
	out, n, err := c.query.Journal.PlanDeviations(r.Context(), inc.Organization, inc.ID, maxDeviations)
	if err != nil {
		return nil, err
	}
	b.LeftOutOf = n
	for _, id := range slices.Sorted(maps.Keys(out)) {
		number, err := c.query.NameOf(r.Context(), inc.Organization, id)
		if err != nil {
			return nil, err
		}
		b.LeftOut = append(b.LeftOut, deviation{id, number, out[id]})
	}
	report, err := c.query.Incidents.Blocking(r.Context(), inc)
	if err != nil {
		return nil, err
	}
	b.Gates, b.Besides = report.Gates, report.Blocking
	if len(b.Besides) > 0 && !b.Besides[0].Approval {
		b.BlockedBy, b.Besides = &b.Besides[0], b.Besides[1:]
	}
	if b.Lifts, err = c.describeLifts(r, inc); err != nil {
		return nil, err
	}
	b.Progress = progressOf(inc, b.Tally, c.query.Now())
	b.Flow = newSankey(inc, b.Tally)
	b.Reasons = reasonGroups(inc, journal.NeedsPerson, b.Tally.Reasons[journal.NeedsPerson])
	b.LeftBy = reasonGroups(inc, journal.Left, b.Tally.Reasons[journal.Left])
	for _, state := range journal.States() {
		if n := b.Tally.States[state]; n > 0 && !state.IsAtRest() {
			b.Air = append(b.Air, stateCount{state, n})
		}
	}
	return &view{template: "incident", title: locationLabel(inc), section: "incidents", body: b}, nil
}

// describeLifts says what an operator could lift by unblocking; "" if nothing. For a stopped incident the confirmation page
// says whether it can be closed already, since that means reading its records.
func (c *Console) describeLifts(r *http.Request, inc *journal.Incident) (lifts string, err error) {
	switch inc.State {
	case journal.Stopped:
		return "the stop", nil
	case journal.Blocked, journal.Closed:
		lifts, err = c.query.Incidents.DescribeUnblock(r.Context(), inc)
	case journal.Settling, journal.AwaitingApproval, journal.Draining, journal.Watching, journal.Dismissed:
	}
	if errors.Is(err, handover.ErrNotApplicable) {
		return "", nil
	}
	return lifts, err
}

// findIncident returns the incident with this id, of any organization.
func (c *Console) findIncident(r *http.Request, id string) (*journal.Incident, error) {
	inc, err := c.query.FindIncident(r.Context(), id)
	if kind, _ := refusal.Explain(err); err != nil && kind == refusal.NotFound {
		return nil, &problem{http.StatusNotFound, fmt.Sprintf("There is no incident %q.", id)}
	}
	return inc, err
}

func isPaused(pauses []api.Pause, scope string) bool {
	return slices.ContainsFunc(pauses, func(p api.Pause) bool { return p.Scope == scope })
}

func locationLabel(inc *journal.Incident) string { return cmp.Or(inc.Location, inc.LocationID) }
