package query

import (
	"context"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// maxInDoubt is how many released rows are shown.
const maxInDoubt = 200

// countInProgress counts the rows that are not at rest. Of each state it reads only the first maxInDoubt records, so
// that it costs the same however many there are; the rest of a state is counted by its state.
func (q *Reader) countInProgress(ctx context.Context, inc *journal.Incident, tally journal.Tally) (api.InProgress, error) {
	u := api.InProgress{InDoubt: []api.OrderRow{}}
	shown := q.NewRows()
	unsent, _, err := q.Journal.Unsent(ctx, inc.Organization, inc.ID, "", maxInDoubt)
	if err != nil {
		return u, err
	}
	for _, r := range unsent {
		if err := addRow(ctx, &u, r, shown); err != nil {
			return u, err
		}
	}
	u.Released = tally.Unsent
	u.NotBegun = tally.States[journal.Holding] - tally.Unsent
	for _, state := range journal.States() {
		if state.IsAtRest() || state == journal.Holding || tally.States[state] == 0 {
			continue
		}
		rows, _, err := q.Journal.GroupPage(ctx, inc.Organization, inc.ID, state, "", "", maxInDoubt)
		if err != nil {
			return u, err
		}
		for _, r := range rows {
			if err := addRow(ctx, &u, r, shown); err != nil {
				return u, err
			}
		}
		if rest := tally.States[state] - len(rows); rest > 0 {
			addUnread(&u, state, rest)
		}
	}
	return u, nil
}

func addRow(ctx context.Context, u *api.InProgress, r *journal.Reassignment, shown *Rows) error {
	switch {
	case r.ReleaseBegan():
		u.Released++
		if len(u.InDoubt) < maxInDoubt {
			row, err := shown.Row(ctx, r)
			if err != nil {
				return err
			}
			u.InDoubt = append(u.InDoubt, row)
		}
	case r.Replacement.ID != "" || r.Intent != nil:
		u.Prepared++
	default:
		u.NotBegun++
	}
	return nil
}

// addUnread counts rows that were not read as if they were as far as rows in their state usually are.
func addUnread(u *api.InProgress, state journal.State, n int) {
	switch state {
	case journal.Pending:
		u.NotBegun += n
	case journal.Preparing, journal.Releasing, journal.Undoing:
		u.Prepared += n
	case journal.ConfirmingRelease, journal.Checking, journal.Sending, journal.Confirming:
		u.Released += n
	case journal.Reassigned, journal.Left, journal.NeedsPerson, journal.Holding: // at rest, or counted already
	}
}
