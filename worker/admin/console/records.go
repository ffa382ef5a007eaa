package console

import (
	"net/http"
	"slices"
	"time"

	"happycolis-reassigner/worker/api"
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
	Of      int  // how many were read
}

func (c *Console) viewParked(r *http.Request) (*view, error) {
	rows, err := c.query.ListParked(r.Context(), "", parkedShown)
	if err != nil {
		return nil, err
	}
	return &view{template: "parked", title: "Parked webhooks", section: "parked", body: records[api.ParkedRow]{Rows: rows, Several: c.hasSeveral()}}, nil
}

// policyBody is the policy of one organization, and the last forecast of all locations under it.
type policyBody struct {
	api.PolicyRow
	Last *api.Forecast // nil: there was no forecast yet
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
	rows, err := c.query.ListPolicies("")
	if err != nil {
		return nil, err
	}
	last, err := c.query.ListForecasts(r.Context(), "")
	if err != nil {
		return nil, err
	}
	bodies := make([]policyBody, 0, len(rows))
	for _, row := range rows {
		b := policyBody{PolicyRow: row}
		if at := slices.IndexFunc(last, func(o api.Forecast) bool { return o.Organization == row.OrganizationID }); at >= 0 {
			b.Last = &last[at]
		}
		bodies = append(bodies, b)
	}
	return &view{template: "policy", title: "Policy", section: "policy", body: bodies}, nil
}

func (c *Console) viewAudit(r *http.Request) (*view, error) {
	rows, err := c.query.ListAudit(r.Context(), "", auditShown)
	if err != nil {
		return nil, err
	}
	return &view{template: "audit", title: "Audit log", section: "audit", body: records[api.AuditRow]{Rows: api.JoinAudit(rows), Several: c.hasSeveral(), Of: auditShown}}, nil
}
