package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
)

func (c *cli) config() *cobra.Command {
	command := asGroup(&cobra.Command{Use: "config", Short: "Check a configuration"})
	command.AddCommand(&cobra.Command{
		Use: "check FILE", Short: "Tell everything that is wrong with a configuration and its policies", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := config.Check(args[0], c.getenv)
			if err != nil {
				return &exit{ExitUsage, err}
			}
			for _, note := range cfg.Notes {
				c.stderr.Print(note + "\n")
			}
			c.stdout.Printf("%s is in order: %s, mode %s.\n", args[0], terminal.Plural(len(cfg.Organizations), "organization"), cfg.Incident.Mode)
			return nil
		},
	})
	return command
}

func (c *cli) policy() *cobra.Command {
	command := asGroup(&cobra.Command{Use: "policy", Short: "Check a policy, and explain what it decides"})
	command.AddCommand(&cobra.Command{
		Use: "check FILE...", Short: "Tell everything that is wrong with policies", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var problems []error
			var inOrder strings.Builder // printed only where all are
			for _, path := range args {
				p, err := config.ReadPolicy(path)
				if err != nil {
					problems = append(problems, err)
					continue
				}
				fmt.Fprintf(&inOrder, "%s is in order: revision %s, %s named.\n", path, p.Revision(), terminal.Plural(len(p.Names()), "location"))
			}
			if len(problems) > 0 {
				return &exit{ExitUsage, errors.Join(problems...)}
			}
			c.stdout.Print(inOrder.String())
			return nil
		},
	}, c.explain())
	return command
}
