package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
	"happycolis-reassigner/worker/wording"
)

func (c *cli) plan() *cobra.Command {
	var at remote
	var location, organization string
	var all bool
	var as listing
	command := &cobra.Command{
		Use: "plan --location LOCATION | --all", Short: "Show what would happen now, order by order; moves nothing", Args: cobra.NoArgs,
		Long: "Show what would happen now to each delivery order known to be in flight at a location, as if its incident began\n" +
			"to move them; with --all, at every location that is known, each as if it alone had failed: a rehearsal before any\n" +
			"outage. Each delivery order is read once, below the rate limit. Nothing is moved, and nothing kept but the counts of\n" +
			"the last --all.\n\n" +
			"It ends with 1 if somebody would be stranded, so that cron can watch over the policy: delivery orders that could be\n" +
			"moved and for which nobody named a place. Not those that a rule of the policy sends to a person, whose status is not\n" +
			"enabled, that their location has begun, that serve several orders, or whose order is on hold or not open. The default\n" +
			"of the policy is no rule: what falls to it is stranded, unless it leaves.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := as.check(); err != nil {
				return err
			}
			switch {
			case all && location != "":
				return usageError("--location or --all, not both")
			case !all && location == "":
				return usageError("name a location: --location SLUG or id, or --all")
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			query := queryOf("location", location, "organization", organization, "outlook", "1")
			if all {
				query.Set("all", "1")
			}
			switch {
			case as.asJSON:
				return c.planJSON(cmd.Context(), a, query)
			case as.asCSV:
				return c.planCSV(cmd.Context(), a, query, as.byLine)
			}
			return c.planText(cmd.Context(), a, query, location)
		},
	}
	at.flags(command)
	command.Flags().StringVar(&location, "location", "", "slug or id")
	command.Flags().StringVar(&organization, "organization", "", "its organization, where several have such a location; with --all, of this one only")
	command.Flags().BoolVar(&all, "all", false, "every location that is known, one after the other")
	as.flags(command)
	as.linesFlag(command)
	return command
}

// planJSON prints the rows once they are complete; of the counts only the exit code depends.
func (c *cli) planJSON(ctx context.Context, a *client, query url.Values) error {
	var whole struct {
		Rows    json.RawMessage   `json:"rows"`
		Outlook []api.Forecast    `json:"outlook"`
		Broken  *api.BrokenAnswer `json:"broken"`
	}
	if err := a.get(ctx, "/api/plan", query, &whole); err != nil {
		return err
	}
	if whole.Broken != nil {
		return planError(whole.Broken)
	}
	if err := c.writeJSON(append(whole.Rows, '\n')); err != nil {
		return err
	}
	return failIfStranded(whole.Outlook)
}

// planCSV prints the rows once they are complete.
func (c *cli) planCSV(ctx context.Context, a *client, query url.Values, byLine bool) error {
	if byLine {
		query.Set("lines", "1")
	}
	table := newCSV[api.PlanRow](byLine)
	var outlooks []api.Forecast
	err := a.ask(ctx, http.MethodGet, "/api/plan?"+query.Encode(), nil, func(body io.Reader) (err error) {
		outlooks, err = streamPlan(body, func(row api.PlanRow) error { table.add(row, row.Lines); return nil })
		return err
	})
	if err == nil {
		err = table.print(c)
	}
	if err != nil {
		return err
	}
	return failIfStranded(outlooks)
}

// planText prints the orders of one location, or all locations, with the counts.
func (c *cli) planText(ctx context.Context, a *client, query url.Values, location string) error {
	t := &terminal.Table{Head: []string{"ORDER", "DELIVERY ORDER", "IS", "TO", "ACTION", "REASON"}}
	var outlooks []api.Forecast
	err := a.ask(ctx, http.MethodGet, "/api/plan?"+query.Encode(), nil, func(body io.Reader) (err error) {
		outlooks, err = streamPlan(body, func(row api.PlanRow) error {
			if location != "" {
				addPlanned(t, row)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	if len(t.Rows) > 0 {
		c.printTo(t)
		c.stdout.Println()
	}
	for i, o := range outlooks {
		if i > 0 {
			c.stdout.Println()
		}
		printOutlook(c.stdout, o, len(outlooks) > 1)
	}
	if location != "" {
		c.stdout.Printf("\nTo empty it although it works: reassigner incidents open --location %s --reason \"WHY\"\n", plaintext.ShellWord(location))
	}
	return failIfStranded(outlooks)
}

func addPlanned(t *terminal.Table, row api.PlanRow) {
	reason := terminal.OrDash(row.Reason)
	if row.Stranded {
		reason += ", stranded"
	}
	t.Add(terminal.OrDash(row.OrderNumber), row.DeliveryOrderID, terminal.OrDash(row.OriginalStatus), terminal.OrDash(row.To), row.Action, reason)
}

// streamPlan calls each with the rows of a plan, and returns the forecasts after them.
func streamPlan(body io.Reader, each func(api.PlanRow) error) (outlooks []api.Forecast, err error) {
	decoder := json.NewDecoder(body)
	if err := expectTokens(decoder, json.Delim('{'), "rows", json.Delim('[')); err != nil {
		return nil, err
	}
	for decoder.More() {
		var row api.PlanRow
		if err := decoder.Decode(&row); err != nil {
			return nil, err
		}
		if err := each(row); err != nil {
			return nil, err
		}
	}
	if err := expectTokens(decoder, json.Delim(']')); err != nil {
		return nil, err
	}
	key, err := decoder.Token()
	switch {
	case err != nil:
		return nil, err
	case key == "broken":
		var why api.BrokenAnswer
		if err := decoder.Decode(&why); err != nil {
			return nil, err
		}
		return nil, planError(&why)
	case key != "outlook":
		return nil, unexpected(key, "outlook")
	}
	err = decoder.Decode(&outlooks)
	return outlooks, err
}

// planError says why a plan is incomplete, which makes the verb fail.
func planError(why *api.BrokenAnswer) error {
	return exitError(exitCode(why.Status), "the plan is not whole, so it is not shown: %s", why.Error)
}

func unexpected(got, want any) error {
	return fmt.Errorf("got %v where %v was expected; is the service of another release?", got, want)
}

func expectTokens(decoder *json.Decoder, tokens ...json.Token) error {
	for _, want := range tokens {
		if got, err := decoder.Token(); err != nil {
			return err
		} else if got != want {
			return unexpected(got, want)
		}
	}
	return nil
}

// failIfStranded returns exit code 1 if a delivery order would need an operator for want of a target.
func failIfStranded(outlooks []api.Forecast) error {
	n := 0
	for _, o := range outlooks {
		n += wording.Sum(o.Stranded)
	}
	if n > 0 {
		return exitError(ExitFailed, "%s would be stranded", terminal.Plural(n, "delivery order"))
	}
	return nil
}
