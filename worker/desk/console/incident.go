package console

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"happycolis-reassigner/worker/desk"
	"happycolis-reassigner/worker/journal"
)

// incidentBody is the page of one incident. However many delivery orders it has, it is made of counts.
type incidentBody struct {
	desk.IncidentDetail
	Inc      *journal.Incident
	Paused   bool // by itself or with everything
	Own      bool // by itself
	Tally    journal.Tally
	Progress progress
	Flow     flow
	Reasons  []reasonGroup // of those that need a person
	Air      []stateCount
	LeftBy   []reasonGroup
	Approve  bool // something waits for that
}

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
	var b incidentBody
	if err := c.ask(r, "/api/incidents/"+url.PathEscape(r.PathValue("id")), nil, &b.IncidentDetail); err != nil {
		return nil, err
	}
	b.Inc = b.Record
	pauses, err := c.desk.Journal.Pauses(r.Context(), b.OrganizationID)
	if err != nil {
		return nil, err
	}
	b.Own = pausedBy(pauses, b.LocationID)
	b.Paused = b.Own || pausedBy(pauses, journal.Everything)
	if b.Tally, err = c.desk.Journal.Tally(r.Context(), b.OrganizationID, b.IncidentID); err != nil {
		return nil, err
	}
	b.Progress = progressOf(b.Inc, b.Tally, c.desk.Now())
	b.Flow = flowOf(b.Inc, b.Tally)
	b.Reasons = groupsOf(b.Inc, b.Tally, journal.NeedsPerson)
	b.LeftBy = groupsOf(b.Inc, b.Tally, journal.Left)
	for _, state := range journal.States() {
		if n := b.Tally.States[state]; n > 0 && !state.AtRest() {
			b.Air = append(b.Air, stateCount{state, n})
		}
	}
	b.Approve = b.Inc.State == journal.AwaitingApproval || b.Waiting != nil && b.Waiting.Planned+b.Waiting.Arrived > 0
	return &view{template: "incident", title: placeOf(b.Inc), section: "incidents", body: b}, nil
}

func pausedBy(pauses []journal.Pause, scope string) bool {
	return slices.ContainsFunc(pauses, func(p journal.Pause) bool { return p.Scope == scope })
}

// groupsOf are the reasons of a state: the urgent ones first, then those of most delivery orders.
func groupsOf(inc *journal.Incident, t journal.Tally, state journal.State) []reasonGroup {
	var groups []reasonGroup
	for _, reason := range slices.Sorted(maps.Keys(t.Reasons[state])) {
		groups = append(groups, reasonGroup{inc.ID, inc.Organization, state, reason, t.Reasons[state][reason], reason.Advice()})
	}
	slices.SortStableFunc(groups, func(a, b reasonGroup) int {
		if a.Reason.Urgent() != b.Reason.Urgent() {
			return map[bool]int{true: -1, false: 1}[a.Reason.Urgent()]
		}
		return cmp.Compare(b.Count, a.Count)
	})
	return groups
}

func placeOf(inc *journal.Incident) string { return cmp.Or(inc.Location, inc.LocationID) }
