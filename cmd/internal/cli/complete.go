package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

// completeMost is how long completion in a shell waits for the service.
const completeMost = time.Second

// addCompletions adds completion to the arguments and flags of every verb, by their names, so that a new verb needs
// nothing more.
func (c *cli) addCompletions(command *cobra.Command) {
	for _, sub := range command.Commands() {
		c.addCompletions(sub)
	}
	if command.ValidArgsFunction == nil {
		switch use := command.Use; {
		case strings.Contains(use, " ID"):
			command.ValidArgsFunction = c.completeFrom(true, incidentIDs)
		case strings.Contains(use, "NAME...") || strings.HasSuffix(use, " NAME"):
			command.ValidArgsFunction = c.completeFrom(false, orderNames)
		case !strings.Contains(use, "FILE") && !strings.Contains(use, "POLICY"):
			command.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
	for flag, complete := range map[string]cobra.CompletionFunc{
		"incident": c.completeFrom(false, incidentIDs), "location": c.completeFrom(false, locationNames), "organization": c.completeFrom(false, organizationIDs),
		"reason-code": completeWords(reasonCodes()), "role": completeWords(app.AllRoles()), "sample": completeWords(webhook.Samples()),
		"order": c.completeFrom(false, orderNames), "admin": cobra.NoFileCompletions, "url": cobra.NoFileCompletions, "reason": cobra.NoFileCompletions,
	} {
		if command.Flags().Lookup(flag) != nil {
			_ = command.RegisterFlagCompletionFunc(flag, complete) // it fails only if the flag has one already
		}
	}
}

func reasonCodes() []string {
	var codes []string
	for _, r := range slices.Concat(api.PersonReasons(), api.LeftReasons()) {
		codes = append(codes, string(r))
	}
	return codes
}

func completeWords(words []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, begun) }), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFrom asks the running service for completions. If it does not answer soon there are none, and no error.
func (c *cli) completeFrom(once bool, ask func(context.Context, *client) ([]string, error)) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if once && len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var at remote
		at.admin, _ = cmd.Flags().GetString("admin")
		at.config, _ = cmd.Flags().GetString("config")
		ctx, cancel := context.WithTimeout(context.WithoutCancel(contextOf(cmd)), completeMost)
		defer cancel()
		a, err := c.api(at)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		words, err := ask(ctx, a)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		words = slices.DeleteFunc(words, func(word string) bool {
			name, _, _ := strings.Cut(word, "\t")
			return !plaintext.IsPlainArgument(name) || !strings.HasPrefix(name, begun) || slices.Contains(args, name)
		})
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// plainName returns the name if it needs no quoting in a shell, or else the id.
func plainName(name *string, id string) string {
	if name != nil && plaintext.IsPlainArgument(*name) {
		return *name
	}
	return id
}

func contextOf(cmd *cobra.Command) context.Context {
	if ctx := cmd.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// incidentIDs returns ids of incidents, described by their location and state.
func incidentIDs(ctx context.Context, a *client) ([]string, error) {
	var rows []api.IncidentRow
	err := a.get(ctx, "/api/incidents", nil, &rows)
	var words []string
	for _, row := range rows {
		words = append(words, row.IncidentID+"\t"+plaintext.Printable(terminal.OrElse(row.Location, row.LocationID))+", "+string(row.State))
	}
	return words, err
}

func locationNames(ctx context.Context, a *client) ([]string, error) {
	var rows []api.LocationRow
	err := a.get(ctx, "/api/locations", nil, &rows)
	var words []string
	for _, row := range rows {
		words = append(words, plainName(row.Location, row.LocationID)+"\t"+terminal.Plural(row.InFlight, "delivery order")+" in flight")
	}
	return words, err
}

func organizationIDs(ctx context.Context, a *client) ([]string, error) {
	var status api.Status
	err := a.get(ctx, "/api/status", nil, &status)
	var words []string
	for _, o := range status.Organizations {
		words = append(words, o.ID)
	}
	return words, err
}

// orderNames returns orders that need an operator, since whoever completes a name wants to act on it.
func orderNames(ctx context.Context, a *client) ([]string, error) {
	var rows []api.OrderRow
	err := a.get(ctx, "/api/orders", queryOf("needs_person", "1"), &rows)
	var words []string
	for _, row := range rows[:min(len(rows), offeredMost)] {
		words = append(words, plainName(row.OrderNumber, row.DeliveryOrderID)+"\t"+terminal.OrDash(row.Reason))
	}
	return words, err
}

// offeredMost is how many orders completion returns.
const offeredMost = 100
