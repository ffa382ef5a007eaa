package cli

import (
	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

func (c *cli) incidentsOpen() *cobra.Command {
	var at remote
	var act action
	var want api.PauseRequest
	command := &cobra.Command{
		Use: "open --location LOCATION --reason TEXT", Short: "Empty a location although it works: flood, strike, power cut", Args: cobra.NoArgs,
		Long: "Open an incident by hand, to empty a location that is not in ERROR: a flood, a strike, a power cut. You answer for it\n" +
			"that it does not ship: whatever its integration reads, the incident lasts until you close or stop it. Nothing moves\n" +
			"before you approved its plan (reassigner incidents approve); what arrives later waits for the next approval.\n\n" +
			"First switch the location off in HappyColis, so that it gets no more orders.\n\n" +
			"It is refused where the location has an open incident.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if want.Location == "" {
				return usageError("name a location: --location SLUG or id")
			}
			if err := act.check(c); err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			var would, did api.OpenResult
			want.DryRun = true
			if err := a.post(cmd.Context(), "/api/incidents", want, &would); err != nil {
				return err
			}
			c.printOpening(would)
			if err := c.confirm("Open an incident of it? Nothing moves before its plan is approved.", act.yes); err != nil {
				return err
			}
			want.DryRun, want.Reason = false, act.reason
			if err := a.post(cmd.Context(), "/api/incidents", want, &did); err != nil {
				return err
			}
			id := plaintext.ShellWord(did.Incident.IncidentID)
			c.stdout.Printf("Incident %s at %s is %s.\n", did.Incident.IncidentID, terminal.OrElse(did.Location, did.LocationID), did.Incident.State)
			c.stdout.Printf("See its plan:  reassigner incidents approve %s --dry-run\n", id)
			c.stdout.Printf("Let it move:   reassigner incidents approve %s --reason \"WHY\"\n", id)
			return nil
		},
	}
	at.flags(command)
	act.flags(command)
	command.Flags().StringVar(&want.Location, "location", "", "slug or id")
	command.Flags().StringVar(&want.Organization, "organization", "", "its organization, where several have such a location")
	return command
}

// printOpening prints what an incident by hand would be about.
func (c *cli) printOpening(would api.OpenResult) {
	where := terminal.OrElse(would.Location, would.LocationID)
	c.stderr.Printf("First switch %s off in HappyColis, so that it gets no more orders.\n", where)
	c.stderr.Printf("%s known to be in flight there.\n", terminal.Plural(would.InFlight, "delivery order"))
	if t := would.Towards; t.NotSent+t.Sent > 0 {
		c.stderr.Printf("%s of other incidents on their way there: %d not sent, to be pointed elsewhere before they are; %d sent, which this incident takes over.\n",
			terminal.Plural(t.NotSent+t.Sent, "handover"), t.NotSent, t.Sent)
	}
}

// printByHand prints who opened an incident by hand, and how that ended.
func (c *cli) printByHand(d api.IncidentDetail) {
	by := d.ByHand
	if by == nil {
		return
	}
	c.stdout.Printf("Opened by hand by %s: %s\n", by.By, by.Reason)
	switch {
	case by.EndedAt.IsZero():
		c.stdout.Println("Whatever its integration reads, it lasts until it is closed or stopped.")
	case d.State == api.Watching:
		c.stdout.Printf("Closed by %s, %s; it ends once what it released is at rest.\n", by.EndedBy, c.localTime(by.EndedAt))
	}
}

func (c *cli) incidentsClose() *cobra.Command {
	return incidentAction(c, &cobra.Command{
		Use: "close ID --reason TEXT", Short: "End an incident that was opened by hand",
		Long: "End an incident that was opened by hand: its location ships again. What is not released is left where it is, and what\n" +
			"was prepared is taken back; what is released is finished. If the location reads ERROR by then, the incident goes on as\n" +
			"that of a location that failed: it settles, and the approval does not count any more.\n\n" +
			"An incident of a location that failed ends by itself when that works again; to move nothing more: reassigner incidents\n" +
			"stop.",
	}, "Close the incident?", c.printEnding, func(did api.IncidentDetail) {
		c.stdout.Printf("Incident %s is closed by hand; it ends once what it released is at rest.\n", did.IncidentID)
		c.printInTheAir(did.UnderWay)
		c.stdout.Printf("What became of each: reassigner orders list --incident %s\n", plaintext.ShellWord(did.IncidentID))
	})
}
