package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

// planShown is how many orders of a plan are shown before it is approved.
const planShown = 50

func (c *cli) incidentsApprove() *cobra.Command {
	var at remote
	var act action
	var want api.ApproveRequest
	var asJSON bool
	command := &cobra.Command{
		Use: "approve ID --reason TEXT", Short: "Look at the plan of an incident that waits for it, and let exactly that be done",
		Long: "Plan what would happen to each delivery order of an incident that waits for an approval, show it, and, if you agree,\n" +
			"let exactly that plan be executed. The plan is frozen under a hash; what it does not name does not move: a delivery\n" +
			"order that changed since is left to a person (incidents show lists what changed), one that arrived since waits for\n" +
			"another approval. Once a release began it is finished, if need be at another fallback.\n\n" +
			"--dry-run shows the whole plan and its hash and approves nothing. --hash approves the plan that was seen then, if it\n" +
			"is still the one that is frozen: it is planned anew by every look, and kept for 24 h.\n\n" +
			"--limit N lets the first N that would move go, HIGH priority first, then the oldest. Approve again for the rest.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case want.Limit < 0 || want.Limit == 0 && cmd.Flags().Changed("limit"):
				return usageError("--limit is a number of delivery orders, from 1")
			case want.DryRun && (want.Hash != "" || want.Limit != 0):
				return usageError("--dry-run makes a plan; --hash and --limit are about approving one")
			case asJSON && !want.DryRun:
				return usageError("--json goes with --dry-run")
			case !want.DryRun:
				if err := act.check(c); err != nil {
					return err
				}
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			path := "/api/incidents/" + url.PathEscape(args[0])
			if want.DryRun {
				return c.showPlan(cmd.Context(), a, path, asJSON)
			}
			want.Reason = act.reason
			return c.approve(cmd.Context(), a, path, want, act.yes)
		},
	}
	at.flags(command)
	act.flags(command)
	command.Flags().BoolVar(&want.DryRun, "dry-run", false, "make the plan and show it whole; approve nothing")
	command.Flags().StringVar(&want.Hash, "hash", "", "approve the plan with this hash, as --dry-run showed it")
	command.Flags().IntVar(&want.Limit, "limit", 0, "approve only the first that would move, so many")
	command.Flags().BoolVar(&asJSON, "json", false, "with --dry-run: print the plan's rows as one JSON array")
	return command
}

// makePlan has a plan made of the incident, and says how long that may take: each delivery order is read.
func (c *cli) makePlan(ctx context.Context, a *client, path string) (api.IncidentDetail, error) {
	var before, detail api.IncidentDetail // two variables: decoding JSON leaves the former value of a field that the answer omits
	if err := a.get(ctx, path, nil, &before); err != nil {
		return before, err
	}
	if before.State.IsApprovable(before.Record.ByPlan) { // otherwise the service refuses
		c.stderr.Printf("Planning %s in flight at %s: each is read once.\n", terminal.Plural(before.InFlight, "delivery order"),
			terminal.OrElse(before.Location, before.LocationID))
	}
	err := a.post(ctx, path+"/approve", api.ApproveRequest{DryRun: true}, &detail)
	return detail, err
}

func (c *cli) showPlan(ctx context.Context, a *client, path string, asJSON bool) error {
	detail, err := c.makePlan(ctx, a, path)
	if err != nil {
		return err
	}
	if asJSON {
		c.stderr.Printf("Plan %s.\n", detail.Record.Plan.Hash)
		return c.passJSON(ctx, a, path+"/plan", nil)
	}
	return c.printPlan(ctx, a, path, detail, detail.Record.Plan.Orders, c.stdout)
}

func (c *cli) approve(ctx context.Context, a *client, path string, want api.ApproveRequest, yes bool) error {
	var detail api.IncidentDetail
	var err error
	if want.Hash == "" {
		detail, err = c.makePlan(ctx, a, path)
	} else if err = a.get(ctx, path, nil, &detail); err == nil && (detail.Record.Plan == nil || detail.Record.Plan.Hash != want.Hash) {
		err = exitError(ExitRefused, "plan %s is not the one that is frozen now; look at the plan again (--dry-run)", want.Hash)
	}
	if err != nil {
		return err
	}
	plan := detail.Record.Plan
	if err := c.printPlan(ctx, a, path, detail, planShown, c.stderr); err != nil {
		return err
	}
	if err := c.confirm("Let exactly this be done?"+limitNote(want.Limit, plan), yes); err != nil {
		return err
	}
	want.Hash, want.Approved = plan.Hash, &plan.Approved
	var after api.IncidentDetail
	if err := a.post(ctx, path+"/approve", want, &after); err != nil {
		return err
	}
	c.stdout.Printf("Incident %s is approved: plan %s.\n", after.IncidentID, plan.Hash)
	if left := after.Record.Plan.Orders - after.Record.Plan.Approved; left > 0 {
		c.stdout.Printf("%s of the plan not approved yet; approve again to go on.\n", terminal.Plural(left, "delivery order"))
	}
	return nil
}

func limitNote(limit int, p *api.Plan) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf(" Only the first %d of %d that would move.", min(limit, p.Moves+p.Holding), p.Moves+p.Holding)
}

// printPlan shows a frozen plan: its first orders, at most most, then the counts.
func (c *cli) printPlan(ctx context.Context, a *client, path string, d api.IncidentDetail, most int, w *terminal.Output) error {
	p := d.Record.Plan
	t := &terminal.Table{Head: []string{"ORDER", "DELIVERY ORDER", "IS", "TO", "ACTION", "REASON"}}
	err := a.ask(ctx, http.MethodGet, path+"/plan", nil, func(body io.Reader) error {
		return streamArray(body, func(row api.PlanRow) error {
			if len(t.Rows) < most {
				addPlanned(t, row)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if len(t.Rows) > 0 {
		t.Print(w, "")
	}
	if more := p.Orders - len(t.Rows); more > 0 {
		w.Printf("and %d more; --dry-run shows all\n", more)
	}
	w.Printf("\nPlan %s for %s, made %s under policy %s.\n%s: %s\n", p.Hash, terminal.OrElse(d.Location, d.LocationID),
		c.localTime(p.MadeAt), p.Revision, terminal.Plural(p.Orders, "delivery order"), summarizePlan(p.Targets, p.Holding, p.Left, p.Persons))
	if p.Orders > 0 {
		w.Println()
		printCounts(w, p.Targets, p.Holding, p.Left, p.Persons)
		printAutomatic(w, p.Automatic, terminal.OrElse(d.Location, d.LocationID))
	}
	if p.Approved > 0 {
		w.Printf("\nApproved already: the first %d.\n", p.Approved)
	}
	return nil
}

// printWaiting prints what of an incident waits for an approval.
func (c *cli) printWaiting(d api.IncidentDetail) {
	p, n := d.Record.Plan, d.Waiting
	if p != nil {
		approved := ""
		if p.Approved > 0 {
			approved = fmt.Sprintf(", the first %d approved", p.Approved)
		}
		c.stdout.Printf("Plan %s, made %s: %s, of which %d move%s.\n", p.Hash, c.localTime(p.MadeAt), terminal.Plural(p.Orders, "delivery order"), p.Moves+p.Holding, approved)
	}
	if n == nil || p == nil {
		return
	}
	if n.Planned > 0 {
		c.stdout.Printf("Planned and not approved: %d.\n", n.Planned)
	}
	if n.Arrived > 0 {
		c.stdout.Printf("Arrived since the plan was made: %d. They wait for another approval: reassigner incidents approve %s --reason \"WHY\"\n", n.Arrived, plaintext.ShellWord(d.IncidentID))
	}
}

// printLeftOut prints what was approved but not moved as planned.
func (c *cli) printLeftOut(d api.IncidentDetail) {
	if d.LeftOut == nil {
		return
	}
	t := &terminal.Table{Head: []string{"ORDER", "DELIVERY ORDER", "STATE", "WHAT CHANGED"}}
	for _, o := range d.LeftOut.Orders {
		t.Add(terminal.OrDash(o.OrderNumber), o.DeliveryOrderID, string(o.State), o.Changed)
	}
	c.stdout.Printf("\nLeft out of the approved plan: %s.\n", strconv.Itoa(d.LeftOut.Count))
	t.Print(c.stdout, "")
	if more := d.LeftOut.Count - len(d.LeftOut.Orders); more > 0 {
		c.stdout.Printf("and %d more\n", more)
	}
}
