package cli

import (
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/journal"
)

// stateColours are the colours of words that stand alone in a cell.
var stateColours = map[string]string{
	string(journal.Reassigned): terminal.Green, string(journal.NeedsPerson): terminal.Yellow, string(journal.Left): terminal.Dim,
	string(journal.Blocked): terminal.Red, string(journal.AwaitingApproval): terminal.Yellow, string(journal.Stopped): terminal.Red,
	string(journal.Closed): terminal.Dim, string(journal.Dismissed): terminal.Dim, "stands": terminal.Yellow, "open": terminal.Green, "reassign": terminal.Green, "hold": terminal.Yellow, "leave": terminal.Dim,
	string(journal.ReplacementSentEarly): terminal.Red, string(journal.ReleasedThenRejected): terminal.Red,
}

// painter returns the colours for stdout.
func (c *cli) painter() terminal.Painter {
	return terminal.NewPainter(c.stdout, c.getenv, stateColours)
}

// printTo prints a table on stdout, with its states in colour where that is a terminal.
func (c *cli) printTo(t *terminal.Table) { t.PrintColoured(c.stdout, c.painter()) }
