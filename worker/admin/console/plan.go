package console

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
)

// Limits of the plans that are made by the console. Each delivery order is read, as fast as the rate limit allows.
const (
	plansAtOnce = 4
	maxPlanTime = 2 * time.Hour
	planShown   = 50 // rows that a page shows
)

// planJobs are the plans that this process is making, and the error of the last one of each incident.
type planJobs struct {
	mu  sync.Mutex
	now map[string]planJob
}

// planJob is one plan in the making.
type planJob struct {
	Since  time.Time
	Failed string // "" while it is being made
}

// begin registers that a plan is being made; false if one of this incident is already, or too many are.
func (p *planJobs) begin(id string, at time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	busy := 0
	for _, m := range p.now {
		if m.Failed == "" {
			busy++
		}
	}
	if m, known := p.now[id]; known && m.Failed == "" || busy >= plansAtOnce {
		return false
	}
	if p.now == nil {
		p.now = map[string]planJob{}
	}
	p.now[id] = planJob{Since: at}
	return true
}

func (p *planJobs) finish(id string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		delete(p.now, id)
		return
	}
	m := p.now[id]
	_, m.Failed = refusal.Explain(err)
	p.now[id] = m
}

func (p *planJobs) get(id string) *planJob {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, known := p.now[id]
	if !known {
		return nil
	}
	return &m
}

// makePlan begins to make the plan of an incident. That may take minutes, so the page does not wait for it.
func (c *Console) makePlan(r *http.Request) (*view, error) {
	inc, err := c.findIncident(r, r.FormValue("incident"))
	if err != nil {
		return nil, err
	}
	if err := c.query.Incidents.CheckApprovable(r.Context(), inc); err != nil {
		return nil, err
	}
	back := &view{to: "/incidents/" + url.PathEscape(inc.ID)}
	if !c.planJobs.begin(inc.ID, c.query.Now()) {
		return back, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), maxPlanTime)
	stop := context.AfterFunc(c.live.ctx, cancel)
	go func() {
		defer cancel()
		defer stop()
		_, err := c.actions.ApproveIncident(ctx, admin.UserOf(r).Name, inc.ID, api.ApproveRequest{DryRun: true})
		c.planJobs.finish(inc.ID, err)
	}()
	return back, nil
}

// planBody is a plan that waits for an approval.
type planBody struct {
	*journal.Plan
	Incident *journal.Incident
	Making   *planJob
	To       []countedName
	Persons  []reasonGroup
	Left     []reasonGroup
	Rows     []journal.PlanRow // the first rows
	Stale    bool              // too old to be approved
}

// countedName is a name with a number.
type countedName struct {
	Name  string
	Count int
}

// planOf returns the plan of an incident for its page; nil where it waits for no approval.
func (c *Console) planOf(inc *journal.Incident) *planBody {
	if !incident.IsApprovable(inc) {
		return nil
	}
	p := &planBody{Plan: inc.Plan, Incident: inc, Making: c.planJobs.get(inc.ID)}
	if p.Plan == nil {
		return p
	}
	p.Stale = c.query.Now().Sub(p.MadeAt) > journal.PlanKept
	for target, n := range p.Targets {
		p.To = append(p.To, countedName{target, n})
	}
	slices.SortFunc(p.To, func(a, b countedName) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) })
	p.Persons = reasonGroups(inc, journal.NeedsPerson, p.Plan.Persons)
	p.Left = reasonGroups(inc, journal.Left, p.Plan.Left)
	return p
}

// loadRows reads the first rows.
func (p *planBody) loadRows(ctx context.Context, records *journal.Journal) error {
	for row, err := range records.PlanRows(ctx, p.Incident.Organization, p.Incident.ID, p.Plan, p.Approved) {
		if err != nil {
			return err
		}
		if len(p.Rows) == planShown {
			return nil
		}
		p.Rows = append(p.Rows, row)
	}
	return nil
}

// reasonGroups sorts reasons: urgent ones first, then those with most delivery orders.
func reasonGroups(inc *journal.Incident, state journal.State, counts map[journal.Reason]int) []reasonGroup {
	var groups []reasonGroup
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		groups = append(groups, reasonGroup{inc.ID, inc.Organization, state, reason, counts[reason], reason.Advice()})
	}
	slices.SortStableFunc(groups, func(a, b reasonGroup) int {
		if a.Reason.IsUrgent() != b.Reason.IsUrgent() {
			return map[bool]int{true: -1, false: 1}[a.Reason.IsUrgent()]
		}
		return cmp.Compare(b.Count, a.Count)
	})
	return groups
}
