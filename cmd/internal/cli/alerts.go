package cli

import (
	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func (c *cli) alerts() *cobra.Command {
	command := asGroup(&cobra.Command{Use: "alerts", Short: "See whether alerts arrive"})
	command.AddCommand(c.alertsTest())
	return command
}

func (c *cli) alertsTest() *cobra.Command {
	var at remote
	var asJSON bool
	var want api.AlertTestRequest
	command := &cobra.Command{
		Use: "test [--target NAME]", Short: "Send a message that says that nothing has happened to the targets of alerts", Args: cobra.NoArgs,
		Long: "Send a message that says that nothing has happened to each target of alerts, or to one, and tell which took it. The\n" +
			"service sends it, from where it runs. Whether somebody reads it, only they can say.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.api(at)
			if err != nil {
				return err
			}
			var rows []api.AlertTestRow
			if err := a.post(cmd.Context(), "/api/alerts/test", want, &rows); err != nil {
				return err
			}
			if asJSON {
				err = c.printJSON(rows)
			} else {
				c.printAlertTest(rows)
			}
			for _, row := range rows {
				if err == nil && row.Error != nil {
					err = &exit{code: ExitFailed}
				}
			}
			return err
		},
	}
	at.flags(command)
	command.Flags().StringVar(&want.Target, "target", "", "one target by its place in the configuration, like alerts.targets[0]")
	command.Flags().StringVar(&want.Reason, "reason", "", "why, for the audit log")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (c *cli) printAlertTest(rows []api.AlertTestRow) {
	table := terminal.Table{Head: []string{"TARGET", "SERVICE", "RESULT"}}
	for _, row := range rows {
		table.Add(row.Name, row.Service, terminal.OrElse(row.Error, "it was taken; see whether it arrived"))
	}
	table.Print(c.stdout, "")
}
