package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func (c *cli) pause() *cobra.Command {
	return c.pauseOrResume("pause", "Stop every mutation, of one location or of everything",
		"Stop every mutation before the next one is sent, also of handovers under way; deadlines stand still. With\n--location those from there and to there, without it it is the kill switch for everything.", "paused")
}

func (c *cli) resume() *cobra.Command {
	return c.pauseOrResume("resume", "Lift a pause", "Lift a pause: of one location, or the one of everything.", "resumed")
}

func (c *cli) pauseOrResume(verb, short, long, participle string) *cobra.Command {
	var at remote
	var act action
	var want api.PauseRequest
	command := &cobra.Command{
		Use: verb + " [--location LOCATION] --reason TEXT", Short: short, Long: long, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := act.check(c); err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			var result api.PauseResult
			want.DryRun = true
			if err := a.post(cmd.Context(), "/api/"+verb, want, &result); err != nil {
				return err
			}
			what := "Everything"
			if want.Location != "" {
				what = want.Location
			}
			if len(result.Scopes) > 0 {
				what = terminal.OrElse(result.Scopes[0].Location, what)
			}
			question := fmt.Sprintf("%s of %s: to be %s. Go on?", what, terminal.Plural(len(result.Scopes), "organization"), participle)
			if err := c.confirm(question, act.yes); err != nil {
				return err
			}
			want.DryRun, want.Reason = false, act.reason
			if err := a.post(cmd.Context(), "/api/"+verb, want, &result); err != nil {
				return err
			}
			for _, s := range result.Scopes {
				was := ""
				if !s.Changed {
					was = " already"
				}
				c.stdout.Printf("%s of organization %s is %s%s.\n", what, s.OrganizationID, participle, was)
			}
			return nil
		},
	}
	at.flags(command)
	act.flags(command)
	command.Flags().StringVar(&want.Location, "location", "", "slug or id; without it, everything")
	command.Flags().StringVar(&want.Organization, "organization", "", "of this organization only")
	return command
}

// printPauses prints the pauses in force, under which nothing moves.
func (c *cli) printPauses(ctx context.Context, a *client, organization string) error {
	var status api.Status
	if err := a.get(ctx, "/api/status", nil, &status); err != nil {
		return err
	}
	for _, o := range status.Organizations {
		if organization != "" && organization != o.ID || len(o.Pauses) == 0 {
			continue
		}
		var places []api.LocationRow
		if err := a.get(ctx, "/api/locations", queryOf("organization", o.ID), &places); err != nil {
			return err
		}
		for _, p := range o.Pauses {
			what := "Everything"
			if p.Scope != api.AllLocations {
				what = p.Scope
			}
			for _, place := range places {
				if place.LocationID == p.Scope {
					what = terminal.OrElse(place.Location, p.Scope)
				}
			}
			c.stdout.Printf("%s of organization %s is paused since %s, by %s: %s\n", what, o.ID, c.localTime(p.From), p.By, p.Reason)
		}
	}
	return nil
}
