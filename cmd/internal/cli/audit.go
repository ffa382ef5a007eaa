package cli

import (
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

// How many entries of the audit log are shown unless asked for more, and at the most.
const (
	auditShown = 100
	auditMost  = 10_000
)

func (c *cli) audit() *cobra.Command {
	var at remote
	var as listing
	var organization, since, user string
	var most int
	command := &cobra.Command{
		Use: "audit", Short: "Show who did what, when and why, newest first", Args: cobra.NoArgs,
		Long: "Show who did what, when and why, newest first: the last 100, or with --since all since then, 10,000 at the most.\n" +
			"The log has two entries for each action, one from before it and one with the result; here they are one row.\n" +
			"--json and --csv print each entry.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := as.check(); err != nil {
				return err
			}
			if most < 1 || most > auditMost {
				return usageError("--most: write 1 to %d", auditMost)
			}
			if since != "" && !cmd.Flags().Changed("most") {
				most = auditMost
			}
			from, err := readSince(since, time.Now())
			if err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			var rows []api.AuditRow
			if err := a.get(cmd.Context(), "/api/audit", queryOf("organization", organization, "most", strconv.Itoa(most)), &rows); err != nil {
				return err
			}
			earliest, _ := time.Parse(time.RFC3339, from) // "": the zero time, before every entry
			rows = slices.DeleteFunc(rows, func(row api.AuditRow) bool { return row.At.Before(earliest) || user != "" && row.User != user })
			switch {
			case as.asJSON:
				return c.printJSON(rows)
			case as.asCSV:
				return printCSV(c, rows)
			}
			c.printAudit(api.JoinAudit(rows))
			return nil
		},
	}
	at.flags(command)
	as.flags(command)
	command.Flags().StringVar(&organization, "organization", "", "of this organization only")
	command.Flags().StringVar(&since, "since", "", "since then only: a time, a date, or how long ago, as 2026-05-18T06:00:00Z, 2026-05-18, 90m, 36h or 7d")
	command.Flags().StringVar(&user, "user", "", "of this user only")
	command.Flags().IntVar(&most, "most", auditShown, "how many of the newest entries to look at")
	return command
}

func (c *cli) printAudit(rows []api.AuditRow) {
	if len(rows) == 0 {
		c.stdout.Println("There is none.")
		return
	}
	t := &terminal.Table{Head: []string{"WHEN", "WHO", "WHAT", "ON", "WHY", "RESULT"}}
	for _, row := range rows {
		t.Add(c.localTime(row.At), row.User, row.Verb, nameWithID(row.Name, row.Target), row.Reason, row.Result)
	}
	c.printTo(t)
}
