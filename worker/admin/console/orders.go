package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// ordersShown is how many rows a page lists.
const ordersShown = 50

// orderList is a page of one group: the delivery orders of an incident in one state, and with one reason if one is
// chosen. No page reads a whole incident.
type orderList struct {
	Incidents []*journal.Incident // those that can be chosen
	Incident  *journal.Incident
	State     journal.State
	Reason    journal.Reason
	States    []stateCount // that occur in the incident
	Reasons   []reasonGroup
	Rows      []*journal.Reassignment
	Total     int
	First     bool   // this is the first page
	Next      string // link to the next page
}

// Verbs returns the actions for the whole group: those that help with its reason, or those that fit any reason.
func (l orderList) Verbs() []string {
	if l.Reason != "" {
		return l.Reason.Advice().Verbs
	}
	return []string{api.VerbRetry, api.VerbLeave}
}

// maxChoices is how many incidents can be chosen from.
const maxChoices = 30

func (c *Console) viewOrders(r *http.Request) (*view, error) {
	q := r.URL.Query()
	list := orderList{State: journal.State(q.Get("state")), Reason: journal.Reason(q.Get("reason")), First: q.Get("after") == ""}
	v := &view{template: "orders", title: "Orders", section: "orders"}
	var err error
	if list.Incidents, list.Incident, err = c.chooseIncident(r, q.Get("incident")); err != nil {
		return nil, err
	}
	if list.Incident == nil {
		if q.Get("incident") != "" {
			return nil, &problem{http.StatusNotFound, "There is no such incident."}
		}
		v.body = list
		return v, nil
	}
	inc := list.Incident
	tally, err := c.query.Journal.Tally(r.Context(), inc.Organization, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, state := range statesByWeight() {
		if n := tally.States[state]; n > 0 || state == list.State {
			list.States = append(list.States, stateCount{state, n})
		}
	}
	if list.State == "" && len(list.States) > 0 {
		list.State = list.States[0].State
	}
	if list.State == "" {
		v.body = list
		return v, nil
	}
	list.Reasons = reasonGroups(inc, list.State, tally.Reasons[list.State])
	list.Total = tally.States[list.State]
	if list.Reason != "" {
		list.Total = tally.Reasons[list.State][list.Reason]
	}
	rows, next, err := c.query.Journal.GroupPage(r.Context(), inc.Organization, inc.ID, list.State, list.Reason, q.Get("after"), ordersShown)
	if err != nil {
		return nil, err
	}
	list.Rows = rows
	if list.State == journal.Holding {
		if list.Rows, err = c.unsentFirst(r.Context(), inc, rows, list.First); err != nil {
			return nil, err
		}
	}
	if next != "" {
		list.Next = "/orders?" + url.Values{"incident": {inc.ID}, "state": {string(list.State)}, "reason": {string(list.Reason)}, "after": {next}}.Encode()
	}
	v.body = list
	return v, nil
}

// unsentFirst puts, on the first page, the reassignments that are holding although their original is released before
// all others: nobody ships them meanwhile.
func (c *Console) unsentFirst(ctx context.Context, inc *journal.Incident, rows []*journal.Reassignment, first bool) ([]*journal.Reassignment, error) {
	rows = slices.DeleteFunc(rows, (*journal.Reassignment).ReleaseBegan)
	if !first {
		return rows, nil
	}
	unsent, _, err := c.query.Journal.Unsent(ctx, inc.Organization, inc.ID, "", unsentShown)
	return append(unsent, rows...), err
}

// unsentShown is how many of those are shown.
const unsentShown = 1000

// statesByWeight returns all states, those that an operator has to act on first.
func statesByWeight() []journal.State {
	states := []journal.State{journal.NeedsPerson}
	for _, s := range journal.States() {
		if s != journal.NeedsPerson {
			states = append(states, s)
		}
	}
	return states
}

// chooseIncident returns the newest incidents of all organizations, and the one with this id, or the newest if no id
// is given.
func (c *Console) chooseIncident(r *http.Request, name string) (all []*journal.Incident, chosen *journal.Incident, err error) {
	for _, organization := range c.organizations() {
		ids, err := c.query.Journal.IncidentIDs(r.Context(), organization)
		if err != nil {
			return nil, nil, err
		}
		for i, id := range ids {
			if i >= maxChoices && id != name {
				continue
			}
			inc, err := c.query.Journal.Incident(r.Context(), organization, id)
			if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) || errors.Is(err, journal.ErrNewer) {
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			all = append(all, inc)
			if id == name {
				chosen = inc
			}
		}
	}
	slices.SortFunc(all, func(a, b *journal.Incident) int { return b.OpenedAt.Compare(a.OpenedAt) })
	if name == "" && len(all) > 0 {
		chosen = all[0]
	}
	return all, chosen, nil
}

// foundBody is what a search found.
type foundBody struct {
	Text string
	api.FoundOrders
}

// viewFound shows what was found of what was typed into the search. An incident, and a single order that an incident has, is
// shown at once.
func (c *Console) viewFound(r *http.Request) (*view, error) {
	name := strings.TrimSpace(r.URL.Query().Get("name"))
	switch {
	case name == "":
		return &view{to: "/orders"}, nil
	case strings.HasPrefix(name, "inc-") && !strings.Contains(name, "/"):
		return &view{to: "/incidents/" + url.PathEscape(name)}, nil
	}
	found, err := c.query.SearchOrders(r.Context(), "", name)
	if err != nil {
		return nil, err
	}
	if len(found.Orders) == 1 && found.Orders[0].State != nil {
		one := found.Orders[0]
		return &view{to: "/orders/" + url.PathEscape(one.DeliveryOrderID) + "?" + url.Values{"organization": {one.OrganizationID}}.Encode()}, nil
	}
	return &view{template: "find", still: true, title: "Search", section: "orders", body: foundBody{name, found}}, nil
}
