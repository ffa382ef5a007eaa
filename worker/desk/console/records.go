package console

import (
	"fmt"
	"net/http"
	"net/url"

	"happycolis-reassigner/worker/desk"
)

// parkedShown is how many parked webhooks, auditShown how many audit entries a page lists.
const (
	parkedShown = 200
	auditShown  = 200
)

func (c *Console) parked(r *http.Request) (*view, error) {
	var rows []desk.ParkedRow
	if err := c.ask(r, "/api/parked", url.Values{"most": {fmt.Sprint(parkedShown)}}, &rows); err != nil {
		return nil, err
	}
	return &view{template: "parked", title: "Parked webhooks", section: "parked", body: rows}, nil
}

func (c *Console) policies(r *http.Request) (*view, error) {
	var rows []desk.PolicyRow
	if err := c.ask(r, "/api/policies", nil, &rows); err != nil {
		return nil, err
	}
	return &view{template: "policy", title: "Policy", section: "policy", body: rows}, nil
}

func (c *Console) audit(r *http.Request) (*view, error) {
	var rows []desk.AuditRow
	if err := c.ask(r, "/api/audit", url.Values{"most": {fmt.Sprint(auditShown)}}, &rows); err != nil {
		return nil, err
	}
	return &view{template: "audit", title: "Audit log", section: "audit", body: rows}, nil
}
