package cli

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
)

func (c *cli) demo() *cobra.Command {
	var d demo.Options
	var keep bool
	var logFile string
	command := &cobra.Command{
		Use: "demo", Short: "See it all at work on this machine alone", Args: cobra.NoArgs,
		Long: "See it all at work in one process: a fake platform with a merchant and its orders, an embedded Redis, the worker and\n" +
			"its admin listener. The integration of a location breaks; the worker moves what it can, and puts the rest before a\n" +
			"person. Then the platform's own books are checked: nothing shipped twice, nothing lost, nothing else touched.\n\n" +
			"Exit code 0 only if that holds.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("keep") {
				keep = c.stdout.OnTerminal() && !d.JSON
			}
			if err := checkDemo(d); err != nil {
				return err
			}
			ctx, done := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, os.Interrupt)
			defer done()
			return c.runDemo(ctx, d, keep, logFile)
		},
	}
	f := command.Flags()
	f.IntVar(&d.Orders, "orders", 40, "orders of the merchant")
	f.Int64Var(&d.Seed, "seed", 7, "which of the repeatable worlds")
	f.BoolVar(&keep, "keep", false, "stay until Ctrl-C (default on a terminal)")
	f.BoolVar(&d.JSON, "json", false, "print one JSON object, nothing else")
	f.StringVar(&d.Cancel, "cancel", "sync", "how the platform cancels: "+strings.Join(demo.CancelAnswers, ", "))
	f.StringVar(&d.Fallback, "fallback", "accepts", "what the first fallback does: "+strings.Join(demo.FallbackAnswers, ", "))
	f.IntVar(&d.Flaky, "flaky", 0, "percent of requests that fail: refused, broken off before or after they worked")
	f.StringVar(&logFile, "log", "", "file for the worker's log")
	return command
}

// checkDemo refuses options that have no meaning together.
func checkDemo(d demo.Options) error {
	switch {
	case d.Orders < 1 || d.Orders > demo.OrdersMost:
		return usageError("--orders: write 1 to %d", demo.OrdersMost)
	case d.Flaky < 0 || d.Flaky > 50:
		return usageError("--flaky: write 0 to 50")
	case !slices.Contains(demo.CancelAnswers, d.Cancel):
		return usageError("--cancel: there is no %q; write %s", d.Cancel, strings.Join(demo.CancelAnswers, ", "))
	case !slices.Contains(demo.FallbackAnswers, d.Fallback):
		return usageError("--fallback: there is no %q; write %s", d.Fallback, strings.Join(demo.FallbackAnswers, ", "))
	}
	return nil
}

func (c *cli) runDemo(ctx context.Context, d demo.Options, keep bool, logFile string) error {
	log := slog.New(slog.DiscardHandler)
	if logFile != "" {
		f, err := os.Create(logFile)
		if err != nil {
			return usageError("--log: %s", config.ReadFailure(err))
		}
		defer f.Close()
		log = app.NewLog(f, config.Log{Level: slog.LevelDebug})
	}
	stage, err := demo.Open(d, log)
	if err != nil {
		return exitError(ExitFailed, "%w", err)
	}
	defer stage.Close()
	screen := demo.NewScreen(stage, c.stdout, c.stderr)
	report, err := stage.Play(ctx, screen)
	if err != nil {
		return exitError(ExitFailed, "%w", err)
	}
	if d.JSON {
		if err := c.printJSON(report); err != nil {
			return err
		}
	} else {
		screen.PrintResult(report)
	}
	if keep {
		screen.PrintStaying(report)
		<-ctx.Done()
		c.stderr.Println()
	}
	if !report.Holds {
		return &exit{code: ExitFailed}
	}
	return nil
}
