package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/query"
)

// recentMost is how many finished incidents the overview shows.
const recentMost = 5

// organizationView is one organization on the overview.
type organizationView struct {
	query.Organization
	Several   bool // more than one organization is configured
	Silent    bool // the index received no webhook yet
	Open      []summary
	Recent    []summary
	Locations []api.LocationRow
}

// StateOf returns the state of the open incident of a location.
func (h organizationView) StateOf(l api.LocationRow) journal.IncidentState {
	for _, s := range h.Open {
		if s.ID == textOf(l.IncidentID) {
			return s.State
		}
	}
	return journal.Settling // the incident was opened after the list was read
}

// lowBudget is the share of the rate limit's budget that is left when the page warns.
const lowBudget = 0.1

// Low reports whether little of the rate limit's budget is left.
func (h organizationView) Low() bool {
	return float64(h.Rate.Remaining) < lowBudget*float64(h.Rate.Limit)
}

// Budget is a bar with the used part of the rate limit's budget.
func (h organizationView) Budget() progress {
	tone := toneMoving
	if h.Low() {
		tone = tonePerson
	}
	used := min(max(0, h.Rate.Limit-h.Rate.Remaining), h.Rate.Limit)
	return progress{Parts: []part{{Tone: tone, Width: used * barLength / max(1, h.Rate.Limit)}}}
}

// Own reports whether a location is paused by itself, and not only with all locations.
func (h organizationView) Own(location string) bool { return isPaused(h.Pauses, location) }

// summary is one incident in a list.
type summary struct {
	*journal.Incident
	Tally    journal.Tally
	Progress progress
}

func (c *Console) viewOverview(r *http.Request) (*view, error) {
	var houses []organizationView
	for _, id := range c.organizations() {
		o, err := c.query.ReadOrganization(r.Context(), id)
		if err != nil {
			return nil, err
		}
		h := organizationView{Organization: o, Several: c.hasSeveral(), Silent: o.Index.Since.IsZero()}
		if h.Locations, err = c.query.ListLocations(r.Context(), id); err != nil {
			return nil, err
		}
		slices.SortStableFunc(h.Locations, func(a, b api.LocationRow) int { return urgencyRank(a) - urgencyRank(b) })
		ids, err := c.query.Journal.IncidentIDs(r.Context(), o.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if open := slices.Contains(valuesOf(o.Failing), id); !open && len(h.Recent) >= recentMost {
				continue
			}
			s, err := c.summary(r, o.ID, id)
			if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if s.State.IsOpen() {
				h.Open = append(h.Open, s)
			} else {
				h.Recent = append(h.Recent, s)
			}
		}
		houses = append(houses, h)
	}
	return &view{template: "overview", title: "Overview", section: "overview", body: houses}, nil
}

// urgencyRank sorts failing locations first, then paused ones.
func urgencyRank(l api.LocationRow) int {
	switch {
	case l.IncidentID != nil:
		return 0
	case l.Paused:
		return 1
	}
	return 2
}

func valuesOf(m map[string]string) []string {
	all := make([]string, 0, len(m))
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

func (c *Console) summary(r *http.Request, organization, id string) (summary, error) {
	inc, err := c.query.Journal.Incident(r.Context(), organization, id)
	if err != nil {
		return summary{}, err
	}
	tally, err := c.query.Journal.Tally(r.Context(), organization, id)
	return summary{inc, tally, progressOf(inc, tally, c.query.Now())}, err
}

// incidentsShown is how many incidents a page lists.
const incidentsShown = 50

// listing is a page of incidents.
type listing struct {
	Rows []summary
	Next string // id after which the next page begins
}

// viewIncidents lists the incidents of all organizations, newest first.
func (c *Console) viewIncidents(r *http.Request) (*view, error) {
	type name struct{ organization, id string }
	var all []name
	for _, organization := range c.organizations() {
		ids, err := c.query.Journal.IncidentIDs(r.Context(), organization)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			all = append(all, name{organization, id})
		}
	}
	slices.SortStableFunc(all, func(a, b name) int { return strings.Compare(b.id, a.id) }) // ids begin with the opening time
	if after := r.URL.Query().Get("after"); after != "" {
		at := slices.IndexFunc(all, func(n name) bool { return n.id < after })
		if at < 0 {
			at = len(all)
		}
		all = all[at:]
	}
	var list listing
	for i, n := range all {
		if i == incidentsShown {
			list.Next = all[i-1].id
			break
		}
		s, err := c.summary(r, n.organization, n.id)
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list.Rows = append(list.Rows, s)
	}
	return &view{template: "incidents", title: "Incidents", section: "incidents", body: list}, nil
}

// progress is how far an incident is.
type progress struct {
	Sum, Rest int
	Percent   int
	Parts     []part
	Left      string // how much longer it takes, as a guess; "" where there is none
}

// part is one colour of a bar; its width is in units of barLength.
type part struct {
	Tone, Word string
	Count      int
	X, Width   int
	State      journal.State // to list them by; "" of several states
}

// barLength is the width of a bar, in units.
const barLength = 1000

func progressOf(inc *journal.Incident, t journal.Tally, now time.Time) progress {
	p := progress{Sum: t.Sum()}
	p.Rest = p.Sum - t.InProgress()
	if p.Sum == 0 {
		return p
	}
	p.Percent = p.Rest * 100 / p.Sum
	for _, part := range []part{
		{Tone: toneGood, Word: "reassigned", Count: t.States[journal.Reassigned], State: journal.Reassigned},
		{Tone: tonePerson, Word: "need a person", Count: t.States[journal.NeedsPerson], State: journal.NeedsPerson},
		{Tone: toneQuiet, Word: "left", Count: t.States[journal.Left], State: journal.Left},
		{Tone: toneMoving, Word: "under way", Count: t.InProgress()},
	} {
		part.Width = part.Count * barLength / p.Sum
		if part.Count > 0 {
			part.Width = max(part.Width, 4) // still visible
		}
		p.Parts = append(p.Parts, part)
	}
	x := 0
	for i := range p.Parts {
		p.Parts[i].X = x
		x += p.Parts[i].Width
	}
	if inc.State == journal.Draining && p.Rest > 0 && p.Rest < p.Sum && !inc.DrainedAt.IsZero() {
		if left := time.Duration(float64(now.Sub(inc.DrainedAt)) / float64(p.Rest) * float64(p.Sum-p.Rest)); left > 0 {
			p.Left = formatDuration(max(left, time.Second))
		}
	}
	return p
}
