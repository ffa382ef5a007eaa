package cli

import (
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/wording"
)

func (c *cli) incidents() *cobra.Command {
	command := asGroup(&cobra.Command{Use: "incidents", Short: "See incidents, let them move their orders"})
	command.AddCommand(c.incidentsList(), c.incidentsShow(), c.incidentsOpen(), c.incidentsApprove(), c.incidentsStop(), c.incidentsUnblock(), c.incidentsClose())
	return command
}

func (c *cli) incidentsList() *cobra.Command {
	var at remote
	var as listing
	var narrow narrowing
	var organization string
	command := &cobra.Command{
		Use: "list", Short: "List incidents, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := as.check(); err != nil {
				return err
			}
			pairs, err := narrow.pairs(time.Now())
			if err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			query := queryOf(append(pairs, "organization", organization)...)
			if as.asJSON {
				return c.passJSON(cmd.Context(), a, "/api/incidents", query)
			}
			var rows []api.IncidentRow
			if err := a.get(cmd.Context(), "/api/incidents", query, &rows); err != nil {
				return err
			}
			if as.asCSV {
				return printCSV(c, rows)
			}
			t := &terminal.Table{Head: []string{"INCIDENT", "LOCATION", "STATE", "OPENED", "UNDER WAY", "REASSIGNED", "LEFT", "NEEDS A PERSON"}}
			for _, row := range rows {
				t.Add(row.IncidentID, terminal.OrElse(row.Location, row.LocationID), string(row.State), c.localTime(row.OpenedAt), strconv.Itoa(countUnfinished(row.Counts)),
					strconv.Itoa(row.Counts[api.Reassigned]), strconv.Itoa(row.Counts[api.Left]), strconv.Itoa(row.Counts[api.NeedsPerson]))
			}
			if len(rows) == 0 {
				c.stdout.Println("There is no incident.")
			} else {
				c.printTo(t)
			}
			return c.printPauses(cmd.Context(), a, organization)
		},
	}
	at.flags(command)
	narrow.flags(command, "opened since then only", "only those that still hold their location")
	as.flags(command)
	command.Flags().StringVar(&organization, "organization", "", "of this organization only")
	return command
}

// countUnfinished sums the reassignments that are not at rest.
func countUnfinished(counts map[api.State]int) int {
	n := 0
	for state, count := range counts {
		if !state.IsAtRest() {
			n += count
		}
	}
	return n
}

// queryOf makes a query of those pairs whose value is not empty.
func queryOf(pairs ...string) url.Values {
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return query
}

func (c *cli) incidentsShow() *cobra.Command {
	var at remote
	var asJSON, watch bool
	command := &cobra.Command{
		Use: "show ID", Short: "Show one incident with its gates and history", Args: cobra.ExactArgs(1),
		Long: "Show one incident with its gates and history. With --watch, follow it with a progress bar and the time left until\n" +
			"all its delivery orders are at rest.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if watch && asJSON {
				return usageError("--watch is for people; leave out --json")
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			if watch {
				return c.watchIncident(cmd.Context(), a, args[0])
			}
			path := "/api/incidents/" + url.PathEscape(args[0])
			if asJSON {
				return c.passJSON(cmd.Context(), a, path, nil)
			}
			var detail api.IncidentDetail
			if err := a.get(cmd.Context(), path, nil, &detail); err != nil {
				return err
			}
			c.printIncident(detail)
			return nil
		},
	}
	at.flags(command)
	command.Flags().BoolVar(&watch, "watch", false, "follow it until it rests; Ctrl-C ends it")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (c *cli) printIncident(d api.IncidentDetail) {
	c.stdout.Printf("Incident %s at %s is %s.\n", d.IncidentID, terminal.OrElse(d.Location, d.LocationID), d.State)
	c.stdout.Printf("Organization %s, opened %s", d.OrganizationID, c.localTime(d.OpenedAt))
	if d.ClosedAt != nil {
		c.stdout.Printf(", closed %s", c.localTime(*d.ClosedAt))
	}
	c.stdout.Printf(".\n%s in flight there now.\n", terminal.Plural(d.InFlight, "delivery order"))
	c.printByHand(d)
	c.printIndex(d)
	c.printWaiting(d)
	c.printInTheAir(d.UnderWay)
	states := &terminal.Table{Head: []string{"STATE", "ORDERS"}}
	for _, state := range api.States() {
		if n := d.Counts[state]; n > 0 {
			states.Add(string(state), strconv.Itoa(n))
		}
	}
	if len(states.Rows) > 0 {
		c.stdout.Println()
		c.printTo(states)
	}
	if len(d.Record.Gates) > 0 {
		gates := &terminal.Table{Head: []string{"GATE", "", "SAW", "AT"}}
		for _, g := range d.Record.Gates {
			pass := "stands"
			if g.Pass {
				pass = "open"
			}
			gates.Add(g.Name, pass, wording.ReplaceTimes(g.Detail, c.localTime), c.localTime(g.At))
		}
		c.stdout.Println()
		c.printTo(gates)
		c.printHolds(d)
	}
	c.printLeftOut(d)
	c.printWaivers(d.Record.Waivers)
	c.printReport(d)
	c.printHistory(d.Record.History)
}

func (c *cli) printHistory(entries []api.Entry) {
	if len(entries) == 0 {
		return
	}
	history := &terminal.Table{Head: []string{"AT", "STEP", "WHAT", "BY"}}
	for _, e := range entries {
		history.Add(c.localTime(e.At), terminal.OrDash(&e.Step), wording.ReplaceTimes(e.Note, c.localTime), terminal.OrDash(&e.By))
	}
	c.stdout.Println()
	c.printTo(history)
}
