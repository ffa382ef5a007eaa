package cli

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
)

func (c *cli) serve() *cobra.Command {
	var file string
	var roles []string
	command := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "Run the worker",
		Long: "Run the worker: receive webhooks, move delivery orders, serve the admin listener. --role spreads these over\n" +
			"machines that share a Redis. SIGTERM ends it within 10 s; SIGHUP reads the policy again, and nothing else.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file = c.configFile(file); file == "" {
				return usageError("name the configuration: --config FILE")
			}
			if err := checkRoles(roles); err != nil {
				return err
			}
			cfg, err := config.Load(file, c.getenv)
			if err != nil {
				return &exit{ExitUsage, err}
			}
			return c.runWorker(cmd.Context(), cfg, roles)
		},
	}
	command.Flags().StringVar(&file, "config", "", "configuration file (or REASSIGNER_CONFIG)")
	command.Flags().StringSliceVar(&roles, "role", app.AllRoles(), "what this process does, separated by commas")
	return command
}

func checkRoles(roles []string) error {
	known := app.AllRoles()
	for _, role := range roles {
		if !slices.Contains(known, role) {
			return usageError("--role: there is no role %q; write some of %s", role, strings.Join(known, ","))
		}
	}
	if len(roles) == 0 {
		return usageError("--role: write some of %s", strings.Join(known, ","))
	}
	return nil
}

// runWorker runs the worker until a signal, the end of ctx, or the discovery that Redis belongs to another platform.
func (c *cli) runWorker(ctx context.Context, cfg *config.Config, roles []string) error {
	ctx, done := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer done()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)

	log := app.NewLog(c.stderr.Writer(), cfg.Log)
	sockets, err := app.SocketsOfSystemd()
	if err != nil {
		return &exit{ExitUsage, err}
	}
	a, err := app.New(cfg, roles, log, sockets...)
	if err != nil {
		return &exit{ExitUsage, err}
	}
	defer a.Stop()
	if err := a.Start(context.WithoutCancel(ctx)); err != nil {
		return &exit{ExitUsage, err}
	}
	for {
		select {
		case <-ctx.Done():
			log.Info("stopping")
			a.Stop()
			log.Info("stopped")
			return nil
		case <-reload:
			a.ReloadPolicies(ctx)
		case err := <-a.Failed():
			return &exit{ExitUsage, err}
		}
	}
}
