package console

import (
	"net/http"
	"strconv"

	"happycolis-reassigner/worker/journal"
)

// planPageRows is how many rows of a plan a page has.
const planPageRows = 200

// planPage is a page of a frozen plan, with every row of it.
type planPage struct {
	*journal.Plan
	Incident   *journal.Incident
	Rows       []journal.PlanRow
	From       int  // number of the first row, from 0
	Last, Next int  // number of the first row of the page before, and of the next
	More       bool // there is a next page
}

// IsApproved reports whether the row of this page, from 0, was approved.
func (p planPage) IsApproved(row int) bool { return p.From+row < p.Approved }

// First and End are the numbers of the first and the last row, from 1.
func (p planPage) First() int { return p.From + min(1, len(p.Rows)) }
func (p planPage) End() int   { return p.From + len(p.Rows) }

// viewPlan shows the frozen plan of an incident, page by page; ?from= is the number of the first row, from 0.
func (c *Console) viewPlan(r *http.Request) (*view, error) {
	inc, err := c.findIncident(r, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if inc.Plan == nil {
		return nil, &problem{http.StatusNotFound, "There is no plan yet. Make one on the page of the incident."}
	}
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	p := planPage{Plan: inc.Plan, Incident: inc, From: from, Last: max(0, from-planPageRows), Next: from + planPageRows}
	for row, err := range c.query.Journal.PlanRows(r.Context(), inc.Organization, inc.ID, inc.Plan, from) {
		if err != nil {
			return nil, err
		}
		if p.More = len(p.Rows) == planPageRows; p.More {
			break
		}
		p.Rows = append(p.Rows, row)
	}
	return &view{template: "planrows", still: true, title: "The plan of " + locationLabel(inc), section: "incidents", body: p}, nil
}
