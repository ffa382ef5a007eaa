package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func (c *cli) status() *cobra.Command {
	var at remote
	var asJSON bool
	command := &cobra.Command{
		Use: "status", Short: "Show what is open, what waits for a person, what is paused, and whether the service hears the platform", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.api(at)
			if err != nil {
				return err
			}
			if asJSON {
				return c.passJSON(cmd.Context(), a, "/api/status", nil)
			}
			return c.printStatus(cmd.Context(), a)
		},
	}
	at.flags(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (c *cli) printStatus(ctx context.Context, a *client) error {
	var s api.Status
	if err := a.get(ctx, "/api/status", nil, &s); err != nil {
		return err
	}
	var incidents []api.IncidentRow
	if err := a.get(ctx, "/api/incidents", nil, &incidents); err != nil {
		return err
	}
	c.stdout.Printf("reassigner %s, asked as %s (%s).\n", s.Version, s.User, s.Role)
	for _, o := range s.Organizations {
		c.stdout.Printf("\nOrganization %s.\n", o.ID)
		c.printOpenIncidents(o.ID, incidents)
		c.printCoverage(o.Index)
		if o.Rate.Limit > 0 {
			c.stdout.Printf("Rate limit: %d of %d requests of this minute are left.\n", o.Rate.Remaining, o.Rate.Limit)
		}
		if !o.Sweep.At.IsZero() {
			c.stdout.Printf("Last sweep: %s.\n", c.localTime(o.Sweep.At))
		}
	}
	c.stdout.Println()
	if err := c.printPauses(ctx, a, ""); err != nil {
		return err
	}
	c.printAlertTargets(s.Alerts)
	for _, u := range s.Unserved {
		c.stdout.Printf("Organization %s is not served since %s: %s released and not over.\n", u.Organization, c.localTime(u.Since), terminal.Plural(u.Released, "delivery order"))
	}
	return nil
}

// printOpenIncidents prints the open incidents of an organization, and how many delivery orders need an operator, of ended
// incidents too.
func (c *cli) printOpenIncidents(organization string, incidents []api.IncidentRow) {
	t := &terminal.Table{Head: []string{"INCIDENT", "LOCATION", "STATE", "OPENED", "UNDER WAY", "NEEDS A PERSON"}}
	persons := 0
	for _, row := range incidents {
		if row.OrganizationID != organization {
			continue
		}
		persons += row.Counts[api.NeedsPerson]
		if row.State.IsOpen() {
			t.Add(row.IncidentID, terminal.OrElse(row.Location, row.LocationID), string(row.State), c.localTime(row.OpenedAt),
				strconv.Itoa(countUnfinished(row.Counts)), strconv.Itoa(row.Counts[api.NeedsPerson]))
		}
	}
	if len(t.Rows) == 0 {
		c.stdout.Println("No incident is open.")
	} else {
		c.printTo(t)
	}
	if persons > 0 {
		c.stdout.Printf("%s a person, of ended incidents too: reassigner orders list --needs-person\n", needText(persons))
	}
}

func needText(n int) string {
	if n == 1 {
		return "1 delivery order needs"
	}
	return terminal.Plural(n, "delivery order") + " need"
}

// printCoverage prints how complete the index is.
func (c *cli) printCoverage(index api.Coverage) {
	c.stdout.Printf("Index: %s known", terminal.Plural(index.Known, "delivery order"))
	for _, part := range []struct {
		words string
		at    time.Time
	}{{"listening since", index.Since}, {"last webhook of", index.Last}, {"imported", index.Imported}, {"behind since", index.BehindSince}} {
		if !part.at.IsZero() {
			c.stdout.Printf(", %s %s", part.words, c.localTime(part.at))
		}
	}
	c.stdout.Println(".")
}

func (c *cli) printAlertTargets(targets []api.AlertTarget) {
	if len(targets) == 0 {
		c.stdout.Println("Alerts: there is no target, so nobody is told.")
	}
	for _, t := range targets {
		switch {
		case t.FailingSince != nil:
			c.stdout.Printf("Alerts to %s (%s) fail since %s: %s.\n", t.Name, t.Service, c.localTime(*t.FailingSince), t.Error)
		case t.SentAt != nil:
			c.stdout.Printf("Alerts to %s (%s): the last arrived %s.\n", t.Name, t.Service, c.localTime(*t.SentAt))
		default:
			c.stdout.Printf("Alerts to %s (%s): none was sent yet.\n", t.Name, t.Service)
		}
	}
}
