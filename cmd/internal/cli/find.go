package cli

import (
	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func (c *cli) ordersFind() *cobra.Command {
	var at remote
	var asJSON bool
	var organization string
	command := &cobra.Command{
		Use: "find TEXT", Short: "Search delivery orders by a part of a name, also those that no incident has", Args: cobra.ExactArgs(1),
		Long: "Search delivery orders by a part of their number, their id or that of their order, in capitals or not, also those\n" +
			"that no incident has. It shows 50 at the most, those with the whole name first, and ends with 3 if there is none.",
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.api(at)
			if err != nil {
				return err
			}
			var found api.FoundOrders
			if err := a.get(cmd.Context(), "/api/find", queryOf("name", args[0], "organization", organization), &found); err != nil {
				return err
			}
			if asJSON {
				err = c.printJSON(found)
			} else {
				c.printFound(found)
			}
			if err == nil && len(found.Orders) == 0 {
				err = exitError(ExitRefused, "neither the index nor an incident knows a delivery order with %q in a name", args[0])
			}
			return err
		},
	}
	at.flags(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.Flags().StringVar(&organization, "organization", "", "of this organization only")
	return command
}

func (c *cli) printFound(found api.FoundOrders) {
	t := &terminal.Table{Head: []string{"ORDER", "DELIVERY ORDER", "IS AT", "STATUS", "INCIDENT", "STATE"}}
	for _, o := range found.Orders {
		state := "-"
		if o.State != nil {
			state = string(*o.State)
		}
		t.Add(terminal.OrDash(o.OrderNumber), o.DeliveryOrderID, terminal.OrDash(o.Location), terminal.OrDash(o.Status), terminal.OrDash(o.IncidentID), state)
	}
	if len(t.Rows) > 0 {
		c.printTo(t)
	}
	if found.More {
		c.stderr.Println("There are more; write more of the name.")
	}
}
