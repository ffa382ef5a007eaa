package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"happycolis-reassigner/worker/desk"
)

func (c *cli) incidentsStop() *cobra.Command {
	var at remote
	var act action
	command := &cobra.Command{
		Use: "stop ID --reason TEXT", Short: "Let an incident begin nothing more, for good",
		Long: "Let an incident begin nothing more, for good. What is prepared is taken back, what is released is finished; with a\n" +
			"pause besides (reassigner pause) it stands as it is. The location stays held: no other incident opens there until it\n" +
			"reads ACTIVE, or until reassigner incidents unblock.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := act.check(c); err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			path := "/api/incidents/" + url.PathEscape(args[0]) + "/stop"
			var detail desk.IncidentDetail
			if err := a.post(cmd.Context(), path, desk.Brake{DryRun: true}, &detail); err != nil {
				return err
			}
			u := detail.UnderWay
			fmt.Fprintf(c.stderr, "%s at %s: %d not begun, to be left; %d prepared, to be taken back; %d released, to be finished.\n",
				plural(u.NotBegun+u.Prepared+u.Released, "delivery order"), orElse(detail.Location, detail.LocationID), u.NotBegun, u.Prepared, u.Released)
			if err := c.confirmed("Stop the incident?", act.yes); err != nil {
				return err
			}
			if err := a.post(cmd.Context(), path, desk.Brake{Reason: act.reason}, &detail); err != nil {
				return err
			}
			fmt.Fprintf(c.stdout, "Incident %s is stopped; %s stays held until it reads ACTIVE or is unblocked.\n", detail.IncidentID, orElse(detail.Location, detail.LocationID))
			c.printInTheAir(detail.UnderWay)
			fmt.Fprintf(c.stdout, "What becomes of each: reassigner orders list --incident %s\n", detail.IncidentID)
			return nil
		},
	}
	at.flags(command)
	act.flags(command)
	return command
}

func (c *cli) incidentsUnblock() *cobra.Command {
	var at remote
	var act action
	command := &cobra.Command{
		Use: "unblock ID --reason TEXT", Short: "Lift what holds an incident: a gate, a cooldown, a stop",
		Long: "Lift what holds an incident. One that is blocked by its cooldown, the blast radius or the canary goes on, and that gate\n" +
			"does not hold it any more. One that is closed no longer keeps its location in the cooldown. One that is stopped is\n" +
			"closed, and its location is free for another. A pause is lifted by reassigner resume.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := act.check(c); err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			path := "/api/incidents/" + url.PathEscape(args[0]) + "/unblock"
			var answer desk.Unblocking
			if err := a.post(cmd.Context(), path, desk.Brake{DryRun: true}, &answer); err != nil {
				return err
			}
			fmt.Fprintf(c.stderr, "Incident %s at %s: this lifts %s.\n", answer.IncidentID, orElse(answer.Location, answer.LocationID), answer.Lifts)
			if err := c.confirmed("Lift it?", act.yes); err != nil {
				return err
			}
			if err := a.post(cmd.Context(), path, desk.Brake{Reason: act.reason}, &answer); err != nil {
				return err
			}
			fmt.Fprintf(c.stdout, "Lifted: %s.\n", answer.Lifts)
			return nil
		},
	}
	at.flags(command)
	act.flags(command)
	return command
}
