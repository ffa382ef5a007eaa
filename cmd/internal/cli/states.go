package cli

import (
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

// stateColours are the colours of words that stand alone in a cell.
var stateColours = map[string]string{
	string(api.Reassigned): terminal.Green, string(api.NeedsPerson): terminal.Yellow, string(api.Left): terminal.Dim,
	string(api.Blocked): terminal.Red, string(api.AwaitingApproval): terminal.Yellow, string(api.Stopped): terminal.Red,
	string(api.Closed): terminal.Dim, string(api.Dismissed): terminal.Dim, "stands": terminal.Yellow, "open": terminal.Green, "reassign": terminal.Green, "hold": terminal.Yellow, "leave": terminal.Dim,
	string(api.ReplacementSentEarly): terminal.Red, string(api.ReleasedThenRejected): terminal.Red,
}

// painter returns the colours for stdout.
func (c *cli) painter() terminal.Painter {
	return terminal.NewPainter(c.stdout, c.getenv, stateColours)
}

// printTo prints a table on stdout, with its states in colour where that is a terminal.
func (c *cli) printTo(t *terminal.Table) { t.PrintColoured(c.stdout, c.painter()) }
