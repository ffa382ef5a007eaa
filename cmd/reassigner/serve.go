package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/plaintext"
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
			if file == "" {
				return misused("name the configuration: --config FILE")
			}
			if err := checkRoles(roles); err != nil {
				return err
			}
			cfg, err := config.Load(file, c.getenv)
			if err != nil {
				return &exit{exitUsage, err}
			}
			return c.serving(cmd.Context(), cfg, roles)
		},
	}
	command.Flags().StringVar(&file, "config", "", "configuration file")
	command.Flags().StringSliceVar(&roles, "role", []string{roleReceiver, roleWorker, roleDesk}, "what this process does, separated by commas")
	return command
}

func checkRoles(roles []string) error {
	known := []string{roleReceiver, roleWorker, roleDesk}
	for _, role := range roles {
		if !slices.Contains(known, role) {
			return misused("--role: there is no role %q; write some of %s", role, strings.Join(known, ","))
		}
	}
	if len(roles) == 0 {
		return misused("--role: write some of %s", strings.Join(known, ","))
	}
	return nil
}

// serving runs the worker until a signal, the end of ctx, or a Redis that turns out to be another
// platform's.
func (c *cli) serving(ctx context.Context, cfg *config.Config, roles []string) error {
	ctx, done := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer done()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)

	log := newLog(c.stderr.writer(), cfg.Log)
	a, err := newApp(cfg, roles, log)
	if err != nil {
		return &exit{exitUsage, err}
	}
	defer a.stop()
	if err := a.start(context.WithoutCancel(ctx)); err != nil {
		return &exit{exitUsage, err}
	}
	for {
		select {
		case <-ctx.Done():
			log.Info("stopping")
			a.stop()
			log.Info("stopped")
			return nil
		case <-reload:
			a.reloadPolicies(ctx)
		case err := <-a.failed:
			return &exit{exitUsage, err}
		}
	}
}

// harmlessLog writes log lines as they are, but for what would steer the terminal of whoever reads them: that stands as an
// escape, which says the same in JSON.
type harmlessLog struct{ io.Writer }

// Write implements io.Writer; it is handed whole lines.
func (l harmlessLog) Write(line []byte) (int, error) {
	if _, err := l.Writer.Write(plaintext.EscapeHidden(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// newLog returns the log of a service. Times are UTC.
func newLog(w io.Writer, cfg config.Log) *slog.Logger {
	w = harmlessLog{w}
	options := &slog.HandlerOptions{Level: cfg.Level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindTime {
			a.Value = slog.StringValue(a.Value.Time().UTC().Format(time.RFC3339Nano))
		}
		return a
	}}
	if cfg.JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
