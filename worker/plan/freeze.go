package plan

import (
	"context"
	"fmt"

	"happycolis-reassigner/worker/journal"
)

// Freeze decides on the delivery orders in flight at the location of an incident that pick selects, and stores what comes out
// as the rows of a plan. The plan has no effect before the incident is saved with it.
func (p *Planner) Freeze(ctx context.Context, inc *journal.Incident, pick func([]string) ([]string, error)) (*journal.Plan, error) {
	org := p.Organizations[inc.Organization]
	if org == nil {
		return nil, fmt.Errorf("organization %q is not configured", inc.Organization)
	}
	frozen := p.Journal.NewPlan(inc.Organization, inc.ID, org.Policy().Revision(), p.Now())
	var page []journal.PlanRow
	for o, err := range p.predictOrders(ctx, p.newPrediction(org, inc.LocationID), pick) {
		if err != nil {
			return nil, err
		}
		if page = append(page, planRow(o)); len(page) == pageSize {
			if err := frozen.Add(ctx, page); err != nil {
				return nil, err
			}
			page = page[:0]
		}
	}
	if err := frozen.Add(ctx, page); err != nil {
		return nil, err
	}
	return frozen.Plan(), nil
}

// planRow turns a predicted reassignment into a row of the plan.
func planRow(r outcome) journal.PlanRow {
	units := 0
	for _, l := range r.Replacement.Lines {
		units += l.Quantity
	}
	return journal.PlanRow{DeliveryOrder: r.Identity.DeliveryOrder, OrderNumber: r.Identity.OrderNumber, Orders: r.Identity.Orders, From: r.Identity.From, Status: r.Original.Status,
		Units: units, Lines: journal.Digest(r.Replacement.Lines), Moment: r.Decision.Moment, Action: r.State, Reason: r.Reason, Stranded: IsStranded(r.Reassignment), To: r.Decision.To, ToID: r.Decision.ToID, May: r.awaits, Automatic: r.mayReturn()}
}
