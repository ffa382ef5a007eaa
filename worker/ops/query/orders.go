package query

import (
	"context"
	"iter"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// DescribeOrders returns the reassignments that a name matches, whole.
func (q *Reader) DescribeOrders(ctx context.Context, organization, name string) ([]api.OrderDetail, error) {
	found, err := q.FindOrders(ctx, organization, name)
	if err != nil {
		return nil, err
	}
	details := make([]api.OrderDetail, 0, len(found))
	rows := q.NewRows()
	for _, r := range found {
		record, err := flatten(r)
		if err != nil {
			return nil, err
		}
		row, err := rows.Row(ctx, r)
		if err != nil {
			return nil, err
		}
		detail := api.OrderDetail{OrderRow: row, Record: record, Meaning: meaningOf(r), Explanation: []string{}}
		if r.Decision.Policy != nil {
			detail.Explanation = r.Decision.Policy.Explain()
		}
		details = append(details, detail)
	}
	return details, nil
}

// meaningOf says in a few words why a delivery order needs an operator, or was left: of the default of the policy, that no
// rule matches.
func meaningOf(r *journal.Reassignment) string {
	d := r.Decision.Policy
	if r.Reason == journal.PolicyRule && d != nil && d.Rule == policy.DefaultRule && d.Outcome == policy.NeedsPerson {
		return "no rule matches; the default asks for an operator"
	}
	return r.Reason.Meaning()
}

// ListOrders yields the reassignments that a filter selects, as MatchOrders does, with their lines if they are wanted.
func (q *Reader) ListOrders(ctx context.Context, f api.Filter, lines bool) iter.Seq2[api.OrderRow, error] {
	return func(yield func(api.OrderRow, error) bool) {
		rows := q.NewRows()
		for r, err := range q.MatchOrders(ctx, f) {
			var row api.OrderRow
			if err == nil {
				row, err = rows.Row(ctx, r)
			}
			if lines && err == nil {
				row.Lines = linesOf(r)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
