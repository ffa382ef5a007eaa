package incident

import (
	"context"

	"happycolis-reassigner/worker/journal"
)

// Retain forgets what is old, as one sweep in ten minutes does.
func (s *Incidents) Retain(ctx context.Context, organization string) error {
	return s.purge(ctx, s.Organizations[organization])
}

// GateRow is what the table has of a gate.
type GateRow struct {
	Name               string
	Waivable, Approval bool
}

// GateRows is the table of the gates.
func GateRows() []GateRow {
	var rows []GateRow
	for _, g := range (*Incidents)(nil).gates(&journal.Incident{}, nil) {
		rows = append(rows, GateRow{Name: g.name, Waivable: g.waivable, Approval: g.approval})
	}
	return rows
}
