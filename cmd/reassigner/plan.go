package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"happycolis-reassigner/worker/desk"
)

func (c *cli) plan() *cobra.Command {
	var at remote
	var location, organization string
	var all, asJSON bool
	command := &cobra.Command{
		Use: "plan --location LOCATION", Short: "Show what would happen now, order by order, writing nothing", Args: cobra.NoArgs,
		Long: "Show what would happen now to each delivery order known to be in flight at a location, as if its incident began\nto move them. Nothing is written anywhere.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case all:
				return misused("%s --all is not built yet", cmd.CommandPath())
			case location == "":
				return misused("name a location: --location SLUG or id")
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			query := values("location", location, "organization", organization)
			if asJSON {
				return c.passJSON(cmd.Context(), a, "/api/plan", query)
			}
			t := &table{head: []string{"ORDER", "DELIVERY ORDER", "IS", "FROM", "TO", "ACTION", "REASON"}}
			counts := map[string]int{}
			err = a.ask(cmd.Context(), http.MethodGet, "/api/plan?"+query.Encode(), nil, func(body io.Reader) error {
				return stream(body, func(row desk.PlanRow) error {
					addOrder(t, row.Order, row.Action)
					counts[row.Action]++
					return nil
				})
			})
			if err != nil {
				return err
			}
			if len(t.rows) == 0 {
				fmt.Fprintf(c.stdout, "Nothing is known to be in flight at %s.\n", location)
				return nil
			}
			c.printTo(t)
			fmt.Fprintf(c.stdout, "\n%s: %d would be reassigned, %d left, %d need a person.\n",
				plural(len(t.rows), "delivery order"), counts["reassign"], counts["leave"], counts["needs_person"])
			return nil
		},
	}
	at.flags(command)
	command.Flags().StringVar(&location, "location", "", "slug or id")
	command.Flags().StringVar(&organization, "organization", "", "its organization, where several have such a location")
	command.Flags().BoolVar(&all, "all", false, "every location (not built yet)")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	return command
}
