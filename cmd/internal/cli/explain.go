package cli

import (
	"context"
	_ "embed"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
)

//go:embed explain_facts.yaml
var explainFacts string

// explanation has the flags of "policy explain".
type explanation struct {
	facts, order, want, organization string
	example, json                    bool
	at                               remote
}

func (c *cli) explain() *cobra.Command {
	var e explanation
	command := &cobra.Command{
		Use: "explain --facts FILE POLICY | --order NAME | --example", Short: "Tell why a delivery order goes where it goes, or test that it does",
		Long: "Tell why a delivery order goes where it goes: rule by rule and candidate by candidate, what was wanted and what was\n" +
			"seen. Either what a policy makes of facts in a file (--example prints one to start from), or what the running\n" +
			"service decided about a delivery order, by its id, its order's id or its order's number.\n\n" +
			"With --want the verb ends with 1 if the decision is another one, so that a policy can have tests:\n" +
			"\"reassign lyon-warehouse\", \"leave\", \"needs_person\", \"needs_person no_candidate\".",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runExplain(cmd.Context(), e, args) },
	}
	flags := command.Flags()
	flags.StringVar(&e.facts, "facts", "", "file with facts to decide about")
	flags.StringVar(&e.order, "order", "", "delivery order that the running service decided about")
	flags.StringVar(&e.want, "want", "", "the decision that is expected; another one ends with 1")
	flags.StringVar(&e.organization, "organization", "", "with --order: of this organization only")
	flags.BoolVar(&e.example, "example", false, "print a facts file to start from")
	flags.BoolVar(&e.json, "json", false, "print the decision as JSON")
	e.at.flags(command)
	return command
}

func (c *cli) runExplain(ctx context.Context, e explanation, args []string) error {
	ways := 0
	for _, chosen := range []bool{e.facts != "", e.order != "", e.example} {
		if chosen {
			ways++
		}
	}
	if ways != 1 {
		return usageError("say what to explain: --facts FILE POLICY, or --order NAME, or --example")
	}
	if e.example && (len(args) > 0 || e.want != "" || e.json) {
		return usageError("--example stands alone")
	}
	if e.example {
		c.stdout.Print(explainFacts)
		return nil
	}
	var want *policy.Want
	if e.want != "" {
		w, err := policy.ParseWant(e.want)
		if err != nil {
			return usageError("--want: %w", err)
		}
		want = &w
	}
	decide := c.decideFacts
	if e.order != "" {
		decide = c.askDecision
	}
	d, err := decide(ctx, e, args)
	if err != nil {
		return err
	}
	if err := c.printDecision(d, e.json); err != nil {
		return err
	}
	if want != nil && !want.Met(*d) {
		return exitError(ExitFailed, "wanted %q, but the decision is %q", e.want, d)
	}
	return nil
}

// decideFacts decides by a policy about facts in a file. It warns of candidates in the file that the policy never
// looks at, which are probably misspelt.
func (c *cli) decideFacts(_ context.Context, e explanation, args []string) (*policy.Decision, error) {
	if len(args) == 0 {
		return nil, usageError("name the policy that decides: --facts %s POLICY", e.facts)
	}
	p, err := config.ReadPolicy(args[0])
	if err != nil {
		return nil, &exit{ExitUsage, err}
	}
	facts, err := config.ReadFacts(e.facts)
	if err != nil {
		return nil, &exit{ExitUsage, err}
	}
	for _, name := range slices.Sorted(maps.Keys(facts.Candidates)) {
		if !slices.Contains(p.Names(), name) {
			c.stderr.Printf("%s: the policy does not name the candidate %q\n", e.facts, name)
		}
	}
	d := p.Decide(facts)
	return &d, nil
}

// askDecision asks the running service for the decision it made about a delivery order.
func (c *cli) askDecision(ctx context.Context, e explanation, args []string) (*policy.Decision, error) {
	if len(args) > 0 {
		return nil, usageError("--order tells what the service decided, by its own policy: leave %s out", args[0])
	}
	a, err := c.api(e.at)
	if err != nil {
		return nil, err
	}
	var found []api.OrderDetail
	if err := a.get(ctx, "/api/orders/"+url.PathEscape(e.order), queryOf("organization", e.organization), &found); err != nil {
		return nil, err
	}
	if len(found) != 1 {
		var ids []string
		for _, o := range found {
			ids = append(ids, o.DeliveryOrderID)
		}
		return nil, exitError(ExitRefused, "%s names %s; name one of them by its id: %s", e.order, terminal.Plural(len(found), "delivery order"), strings.Join(ids, ", "))
	}
	if found[0].Record == nil || found[0].Record.Decision == nil {
		return nil, exitError(ExitRefused, "nothing is decided about delivery order %s: it is %s", found[0].DeliveryOrderID, found[0].State)
	}
	return policy.DecodeDecision(found[0].Record.Decision)
}

func (c *cli) printDecision(d *policy.Decision, asJSON bool) error {
	if !asJSON {
		for _, line := range d.Explain() {
			c.stdout.Println(line)
		}
		return nil
	}
	return printingError(c.stdout.EncodeJSON(d, ""))
}
