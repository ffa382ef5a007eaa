package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/journal"
)

// parkedShown is how many parked webhooks, auditShown how many audit entries a page lists.
const (
	parkedShown = 200
	auditShown  = 200
)

// records is a page of rows of one sort, of all organizations.
type records[T any] struct {
	Rows    []T
	Several bool // more than one organization is configured: each row names its own
}

func (c *Console) viewParked(r *http.Request) (*view, error) {
	var rows []admin.ParkedRow
	if err := c.getAPI(r, "/api/parked", url.Values{"most": {fmt.Sprint(parkedShown)}}, &rows); err != nil {
		return nil, err
	}
	return &view{template: "parked", title: "Parked webhooks", section: "parked", body: records[admin.ParkedRow]{rows, c.hasSeveral()}}, nil
}

// policyBody is the policy of one organization, and the last forecast of all locations under it.
type policyBody struct {
	admin.PolicyRow
	Last *journal.Forecast // nil: there was no forecast yet
}

// Takes is how long moving all of the last forecast would take at the rate limit; "" where that is not known.
func (p policyBody) Takes() string {
	if p.Last.PerSecond <= 0 {
		return ""
	}
	return formatDuration(time.Duration(float64(p.Last.Requests) / p.Last.PerSecond * float64(time.Second)))
}

// Moves returns how many delivery orders of the last forecast would be moved.
func (p policyBody) Moves() (n int) {
	for _, orders := range p.Last.Targets {
		n += orders
	}
	return n
}

func (c *Console) viewPolicies(r *http.Request) (*view, error) {
	var rows []admin.PolicyRow
	if err := c.getAPI(r, "/api/policies", nil, &rows); err != nil {
		return nil, err
	}
	var last []*journal.Forecast
	if err := c.getAPI(r, "/api/plan/last", nil, &last); err != nil {
		return nil, err
	}
	bodies := make([]policyBody, 0, len(rows))
	for _, row := range rows {
		b := policyBody{PolicyRow: row}
		if at := slices.IndexFunc(last, func(o *journal.Forecast) bool { return o.Organization == row.OrganizationID }); at >= 0 {
			b.Last = last[at]
		}
		bodies = append(bodies, b)
	}
	return &view{template: "policy", title: "Policy", section: "policy", body: bodies}, nil
}

func (c *Console) viewAudit(r *http.Request) (*view, error) {
	var rows []admin.AuditRow
	if err := c.getAPI(r, "/api/audit", url.Values{"most": {fmt.Sprint(auditShown)}}, &rows); err != nil {
		return nil, err
	}
	return &view{template: "audit", title: "Audit log", section: "audit", body: records[admin.AuditRow]{rows, c.hasSeveral()}}, nil
}
