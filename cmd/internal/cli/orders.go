package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

func (c *cli) orders() *cobra.Command {
	command := asGroup(&cobra.Command{Use: "orders", Short: "See what became of delivery orders, decide what needs a person"})
	command.AddCommand(c.ordersList(), c.ordersFind(), c.ordersShow(),
		c.ordersAction("retry", "Try again what needs a person", "Try again, from the first step that is not proven done, what needs a person. Harmless at any time.", "retried"),
		c.ordersAction("leave", "Close what needs a person: it stays where it is", "Close what needs a person: it stays where it is. What was prepared for it and not sent is withdrawn.", "left"),
		c.ordersAction("proceed", "Go on without the confirmed cancel: the warehouse will not ship it",
			"Go on although the cancel of the original is not confirmed. Use it only once the warehouse confirmed that it will not\nship: you answer for it. It applies to cancel_unconfirmed, and is refused if the location does not read ERROR any more or\nwork on the original began.", "proceeded with"))
	return command
}

// filters are the flags that select orders.
type filters struct{ api.Filter }

func (f *filters) flags(command *cobra.Command) {
	command.Flags().StringVar(&f.Incident, "incident", "", "of this incident only")
	command.Flags().StringVar(&f.ReasonCode, "reason-code", "", "with this reason only, as cancel_unconfirmed")
	command.Flags().StringVar(&f.Location, "location", "", "from this location only: slug or id")
	command.Flags().StringVar(&f.Organization, "organization", "", "of this organization only")
}

// listQuery is the query for a list.
func (f *filters) listQuery(narrow narrowing, now time.Time) (url.Values, error) {
	pairs, err := narrow.pairs(now)
	query := f.query()
	for name, values := range queryOf(pairs...) {
		query[name] = values
	}
	return query, err
}

func (f *filters) query() url.Values {
	query := queryOf("incident", f.Incident, "reason_code", f.ReasonCode, "location", f.Location, "organization", f.Organization)
	if f.NeedsPerson {
		query.Set("needs_person", "1")
	}
	return query
}

func (c *cli) ordersList() *cobra.Command {
	var at remote
	var only filters
	var narrow narrowing
	var as listing
	command := &cobra.Command{
		Use: "list", Short: "List delivery orders under incidents", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := as.check(); err != nil {
				return err
			}
			query, err := only.listQuery(narrow, time.Now())
			if err != nil {
				return err
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			if as.asJSON {
				return c.passJSON(cmd.Context(), a, "/api/orders", query)
			}
			if as.byLine {
				query.Set("lines", "1")
			}
			t, table := orderTable(), newCSV[api.OrderRow](as.byLine)
			err = a.ask(cmd.Context(), http.MethodGet, "/api/orders?"+query.Encode(), nil, func(body io.Reader) error {
				return streamArray(body, func(row api.OrderRow) error {
					if as.asCSV {
						table.add(row, row.Lines)
					} else {
						addOrderRow(t, row)
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
			if as.asCSV {
				return table.print(c)
			}
			if len(t.Rows) == 0 {
				c.stdout.Println("There is none.")
				return nil
			}
			c.printTo(t)
			return nil
		},
	}
	at.flags(command)
	only.flags(command)
	command.Flags().BoolVar(&only.NeedsPerson, "needs-person", false, "only what needs a person")
	narrow.flags(command, "changed since then only", "only what is not over: in progress, or with a person")
	as.flags(command)
	as.linesFlag(command)
	return command
}

func orderTable() *terminal.Table {
	return &terminal.Table{Head: []string{"ORDER", "DELIVERY ORDER", "WAS", "FROM", "TO", "STATE", "REASON"}}
}

// addOrderRow adds a row with how dangerous it is where it waits for an operator, else with what it waits for.
func addOrderRow(t *terminal.Table, row api.OrderRow) {
	state := string(row.State)
	switch {
	case row.Severity != nil:
		state += " (" + row.Severity.Words() + ")"
	case row.WaitsFor != nil:
		state += " (waits " + row.WaitsFor.Words() + ")"
	}
	addOrder(t, row.Order, state)
}

func addOrder(t *terminal.Table, o api.Order, state string) {
	t.Add(terminal.OrDash(o.OrderNumber), o.DeliveryOrderID, terminal.OrDash(o.OriginalStatus), terminal.OrDash(o.From), terminal.OrDash(o.To), state, terminal.OrDash(o.Reason))
}

func (c *cli) ordersShow() *cobra.Command {
	var at remote
	var asJSON bool
	var organization string
	command := &cobra.Command{
		Use: "show NAME", Short: "Show the whole story of a delivery order", Args: cobra.ExactArgs(1),
		Long: "Show the whole story of a delivery order, with the decision and its reasons. NAME is its id, its order's id or its\norder's number; several delivery orders may bear it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.api(at)
			if err != nil {
				return err
			}
			path, query := "/api/orders/"+url.PathEscape(args[0]), queryOf("organization", organization)
			if asJSON {
				return c.passJSON(cmd.Context(), a, path, query)
			}
			var found []api.OrderDetail
			if err := a.get(cmd.Context(), path, query, &found); err != nil {
				return err
			}
			for i, d := range found {
				if i > 0 {
					c.stdout.Println()
				}
				c.printOrder(d)
			}
			return nil
		},
	}
	at.flags(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.Flags().StringVar(&organization, "organization", "", "of this organization only")
	return command
}

// untilWords says until when something is waited for, if that is known.
func (c *cli) untilWords(until *time.Time) string {
	if until == nil {
		return ""
	}
	return ", until " + c.localTime(*until) + " at the latest"
}

func (c *cli) printOrder(d api.OrderDetail) {
	c.stdout.Printf("Delivery order %s (order %s) %s.\n", d.DeliveryOrderID, terminal.OrDash(d.OrderNumber), describeState(d.State))
	if d.Reason != nil {
		c.stdout.Printf("Reason %s: %s.\n", *d.Reason, d.Meaning)
	}
	if d.Severity != nil {
		c.stdout.Printf("Severity: %s.\n", d.Severity.Words())
	}
	if d.WaitsFor != nil {
		c.stdout.Printf("It waits %s%s.\n", d.WaitsFor.Words(), c.untilWords(d.Until))
	}
	c.stdout.Printf("From %s, as %s", terminal.OrDash(d.From), terminal.OrDash(d.OriginalStatus))
	if d.To != nil {
		c.stdout.Printf(", to %s", *d.To)
	}
	if d.ReplacementID != nil {
		c.stdout.Printf(" as delivery order %s", *d.ReplacementID)
	}
	c.stdout.Printf(". Incident %s, changed last %s.\n", terminal.OrDash(d.IncidentID), c.localTime(d.UpdatedAt))
	if len(d.Explanation) > 0 {
		c.stdout.Println()
		for _, line := range d.Explanation {
			c.stdout.Print(terminal.Fold(plaintext.Printable(line), c.stdout.Width()) + "\n")
		}
	}
	c.printHistory(d.Record.History)
}

// describeState returns the words for a state, for the end of a sentence.
func describeState(state api.State) string {
	switch state {
	case api.NeedsPerson:
		return "needs a person"
	case api.Left:
		return "was left where it is"
	case api.ConfirmingRelease:
		return "waits until its release is confirmed"
	case api.Confirming:
		return "waits until the fallback accepts it"
	case api.Holding:
		return "waits for a candidate"
	case api.Reassigned, api.Pending, api.Preparing, api.Releasing, api.Checking, api.Sending, api.Undoing:
	}
	return "is " + string(state)
}

// ordersAction is retry, leave and proceed.
func (c *cli) ordersAction(verb, short, long, participle string) *cobra.Command {
	var at remote
	var only filters
	var act action
	command := &cobra.Command{
		Use: verb + " [NAME...] --reason TEXT", Short: short,
		Long: long + "\n\nNAME is a delivery order's id, its order's id or its order's number. Without names, filters select.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := act.check(c); err != nil {
				return err
			}
			filter := only.Filter
			filter.Organization = ""
			switch {
			case len(args) > 0 && filter != (api.Filter{}):
				return usageError("name delivery orders or a filter, not both")
			case len(args) == 0 && only.Filter == (api.Filter{}):
				return usageError("name delivery orders, or filter: --incident, --reason-code, --location, --organization")
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			want := api.ActionRequest{IDs: args, Filter: only.Filter, DryRun: true}
			path := "/api/orders/" + verb
			var result api.ActionResult
			if err := a.post(cmd.Context(), path, want, &result); err != nil {
				return err
			}
			c.printMatched(result)
			if err := c.confirm(fmt.Sprintf("%s: to be %s. Go on?", terminal.Plural(result.Matched, "delivery order"), participle), act.yes); err != nil {
				return err
			}
			want.DryRun, want.Reason, want.Expect = false, act.reason, &result.Matched
			if err := a.post(cmd.Context(), path, want, &result); err != nil {
				return err
			}
			c.stdout.Printf("%s %s.\n", terminal.Plural(result.Done, "delivery order"), participle)
			for _, r := range result.Refused {
				c.stdout.Printf("Not %s: %s\n", nameWithID(r.OrderNumber, r.DeliveryOrderID), r.Why)
			}
			return nil
		},
	}
	at.flags(command)
	only.flags(command)
	act.flags(command)
	return command
}

// nameWithID is what people call something, with its id; the id alone where it has no name.
func nameWithID(name *string, id string) string {
	if name == nil {
		return id
	}
	return *name + " (" + id + ")"
}

// printMatched prints on stderr what an action applies to.
func (c *cli) printMatched(result api.ActionResult) {
	t := orderTable()
	for _, row := range result.Orders {
		addOrderRow(t, row)
	}
	t.Print(c.stderr, "")
	if more := result.Matched - len(result.Orders); more > 0 {
		c.stderr.Printf("and %d more\n", more)
	}
	c.stderr.Printf("%s in all.\n", terminal.Plural(result.Matched, "delivery order"))
}
