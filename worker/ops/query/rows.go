package query

import (
	"context"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

func newOrder(r *journal.Reassignment) api.Order {
	o := api.Order{
		OrganizationID: r.Identity.Organization, IncidentID: orNull(r.Identity.Incident), DeliveryOrderID: r.Identity.DeliveryOrder,
		OrderNumber: orNull(r.Identity.OrderNumber), ReplacementID: orNull(r.CurrentReplacement()), OrderIDs: r.Identity.Orders,
		From: orNull(r.Identity.From), To: orNull(r.Decision.To), OriginalStatus: orNull(r.Original.Status), Reason: orNull(string(r.Reason)),
		UpdatedAt: r.UpdatedAt.UTC(),
	}
	if o.OrderIDs == nil {
		o.OrderIDs = []string{}
	}
	return o
}

// linesOf returns what of a delivery order is shipped from its target, or would be; none where that was not recorded.
func linesOf(r *journal.Reassignment) []api.Line {
	return convertEach(r.Replacement.Lines, func(l journal.Line) api.Line { return api.Line(l) })
}

// Rows turns reassignments into rows of "orders list". It reads the pauses of each organization once.
type Rows struct {
	records *journal.Journal
	pauses  map[string][]journal.Pause
}

// NewRows returns Rows for one answer.
func (q *Reader) NewRows() *Rows {
	return &Rows{records: q.Journal, pauses: map[string][]journal.Pause{}}
}

// Row returns a reassignment as a row.
func (s *Rows) Row(ctx context.Context, r *journal.Reassignment) (api.OrderRow, error) {
	row := api.OrderRow{Order: newOrder(r), State: r.State}
	if severity := r.Severity(); severity != "" {
		row.Severity = &severity
	}
	pauses, known := s.pauses[r.Identity.Organization]
	if !known {
		var err error
		if pauses, err = s.records.Pauses(ctx, r.Identity.Organization); err != nil {
			return row, err
		}
		s.pauses[r.Identity.Organization] = pauses
	}
	if what, until := r.WaitsFor(pauses); what != "" {
		row.WaitsFor, row.Until = &what, timeOrNull(until)
	}
	return row, nil
}

// newPlanRow turns a predicted reassignment into a row of "plan".
func newPlanRow(r *journal.Reassignment) api.PlanRow {
	actions := map[journal.State]string{journal.Reassigned: "reassign", journal.Holding: "hold", journal.Left: "leave", journal.NeedsPerson: "needs_person"}
	return api.PlanRow{Order: newOrder(r), Action: actions[r.State]}
}

func newIncidentRow(inc *journal.Incident, counts map[journal.State]int) api.IncidentRow {
	return api.IncidentRow{
		OrganizationID: inc.Organization, IncidentID: inc.ID, LocationID: inc.LocationID, Location: orNull(inc.Location),
		State: inc.State, Causes: inc.Causes(), ByHand: inc.ByHand, OpenedAt: inc.OpenedAt.UTC(), ClosedAt: timeOrNull(inc.ClosedAt), Counts: counts,
		IndexSince: timeOrNull(inc.IndexSince), IndexIncomplete: inc.IndexIncomplete,
	}
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// convertEach converts the elements of a list; nil stays nil.
func convertEach[T, U any](list []T, convert func(T) U) []U {
	if list == nil {
		return nil
	}
	all := make([]U, 0, len(list))
	for _, one := range list {
		all = append(all, convert(one))
	}
	return all
}
