package cli

import (
	"net/url"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

func (c *cli) incidentsStop() *cobra.Command {
	return incidentAction(c, &cobra.Command{
		Use: "stop ID --reason TEXT", Short: "Let an incident begin nothing more, for good",
		Long: "Let an incident begin nothing more, for good. What is prepared is taken back, what is released is finished; with a\n" +
			"pause besides (reassigner pause) it stands as it is. The location stays held: no other incident opens there until it\n" +
			"reads ACTIVE, or until reassigner incidents unblock; of one that was opened by hand, until the latter.",
	}, "Stop the incident?", c.printEnding, func(did api.IncidentDetail) {
		c.stdout.Printf("Incident %s is stopped; %s stays held until it reads ACTIVE or is unblocked.\n", did.IncidentID, terminal.OrElse(did.Location, did.LocationID))
		c.printInTheAir(did.UnderWay)
		c.stdout.Printf("What becomes of each: reassigner orders list --incident %s\n", plaintext.ShellWord(did.IncidentID))
	})
}

// printEnding prints what would become of what an incident has in progress, once nothing more of it may begin.
func (c *cli) printEnding(would api.IncidentDetail) {
	u := would.UnderWay
	c.stderr.Printf("%s at %s: %d not begun, to be left; %d prepared, to be taken back; %d released, to be finished.\n",
		terminal.Plural(u.NotBegun+u.Prepared+u.Released, "delivery order"), terminal.OrElse(would.Location, would.LocationID), u.NotBegun, u.Prepared, u.Released)
}

func (c *cli) incidentsUnblock() *cobra.Command {
	return incidentAction(c, &cobra.Command{
		Use: "unblock ID --reason TEXT", Short: "Lift what holds an incident: a gate, a cooldown, a stop",
		Long: "Lift what holds an incident. One that is blocked by its cooldown, the blast radius or the canary goes on, and that gate\n" +
			"does not hold it any more. One that is closed no longer keeps its location in the cooldown. One that is stopped is\n" +
			"closed, and its location is free for another. A pause is lifted by reassigner resume.",
	}, "Lift it?", func(would api.UnblockResult) {
		c.stderr.Printf("Incident %s at %s: this lifts %s.\n", would.IncidentID, terminal.OrElse(would.Location, would.LocationID), would.Lifts)
	}, func(did api.UnblockResult) {
		c.stdout.Printf("Lifted: %s.\n", did.Lifts)
	})
}

// incidentAction completes a verb that acts on one incident: it shows from a dry run what the action would do, asks,
// and prints the result. Both answers have the type T, and come from the endpoint with the verb's name.
func incidentAction[T any](c *cli, command *cobra.Command, question string, show, tell func(T)) *cobra.Command {
	var at remote
	var act action
	command.Args = cobra.ExactArgs(1)
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if err := act.check(c); err != nil {
			return err
		}
		a, err := c.api(at)
		if err != nil {
			return err
		}
		path := "/api/incidents/" + url.PathEscape(args[0]) + "/" + cmd.Name()
		var would, did T
		if err := a.post(cmd.Context(), path, api.PauseRequest{DryRun: true}, &would); err != nil {
			return err
		}
		show(would)
		if err := c.confirm(question, act.yes); err != nil {
			return err
		}
		if err := a.post(cmd.Context(), path, api.PauseRequest{Reason: act.reason}, &did); err != nil {
			return err
		}
		tell(did)
		return nil
	}
	at.flags(command)
	act.flags(command)
	return command
}
