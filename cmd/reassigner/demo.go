package main

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
)

// demoOrganization is the merchant of the demo and of the sandbox.
const demoOrganization = "demo-organization"

// demoOrdersMost bounds the demo: at the documented rate it takes some 5 minutes for 1,000 orders.
const demoOrdersMost = 100_000

// demoFlags are the switches of the demo.
type demoFlags struct {
	orders           int
	seed             int64
	keep, json       bool
	cancel, fallback string
	flaky            int // percent of requests
	log              string
}

// The moods of the platform that the demo offers.
var (
	cancelMoods   = []string{"sync", "async", "refused", "never"}
	fallbackMoods = []string{"accepts", "rejects", "silent"}
)

func (c *cli) demo() *cobra.Command {
	var d demoFlags
	command := &cobra.Command{
		Use: "demo", Short: "See it all at work on this machine alone", Args: cobra.NoArgs,
		Long: "See it all at work in one process: a fake platform with a merchant and its orders, an embedded Redis, the worker and\n" +
			"its admin listener. The integration of a location breaks; the worker moves what it can, and puts the rest before a\n" +
			"person. Then the platform's own books are checked: nothing shipped twice, nothing lost, nothing else touched.\n\n" +
			"Exit code 0 only if that holds.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("keep") {
				d.keep = c.stdout.OnTerminal() && !d.json
			}
			if err := d.check(); err != nil {
				return err
			}
			ctx, done := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, os.Interrupt)
			defer done()
			return c.demonstrate(ctx, d)
		},
	}
	f := command.Flags()
	f.IntVar(&d.orders, "orders", 40, "orders of the merchant")
	f.Int64Var(&d.seed, "seed", 7, "which of the repeatable worlds")
	f.BoolVar(&d.keep, "keep", false, "stay until Ctrl-C (default on a terminal)")
	f.BoolVar(&d.json, "json", false, "print one JSON object, nothing else")
	f.StringVar(&d.cancel, "cancel", "sync", "how the platform cancels: "+strings.Join(cancelMoods, ", "))
	f.StringVar(&d.fallback, "fallback", "accepts", "what the first fallback does: "+strings.Join(fallbackMoods, ", "))
	f.IntVar(&d.flaky, "flaky", 0, "percent of requests that fail: refused, broken off before or after they worked")
	f.StringVar(&d.log, "log", "", "file for the worker's log")
	return command
}

func (d demoFlags) check() error {
	switch {
	case d.orders < 1 || d.orders > demoOrdersMost:
		return misused("--orders: write 1 to %d", demoOrdersMost)
	case d.flaky < 0 || d.flaky > 50:
		return misused("--flaky: write 0 to 50")
	case !slices.Contains(cancelMoods, d.cancel):
		return misused("--cancel: there is no %q; write %s", d.cancel, strings.Join(cancelMoods, ", "))
	case !slices.Contains(fallbackMoods, d.fallback):
		return misused("--fallback: there is no %q; write %s", d.fallback, strings.Join(fallbackMoods, ", "))
	}
	return nil
}

func (c *cli) demonstrate(ctx context.Context, d demoFlags) error {
	log := slog.New(slog.DiscardHandler)
	if d.log != "" {
		f, err := os.Create(d.log)
		if err != nil {
			return misused("--log: %s", config.ReadFailure(err))
		}
		defer f.Close()
		log = app.NewLog(f, config.Log{Level: slog.LevelDebug})
	}
	stage, err := openStage(d, log)
	if err != nil {
		return ended(exitFailed, "%w", err)
	}
	defer stage.close()
	screen := demoScreen{c: c, d: d, stage: stage}
	report, err := stage.play(ctx, &screen)
	if err != nil {
		return ended(exitFailed, "%w", err)
	}
	if d.json {
		if err := c.printJSON(report); err != nil {
			return err
		}
	} else {
		screen.result(report)
	}
	if d.keep {
		screen.staying()
		<-ctx.Done()
		c.stderr.Println()
	}
	if !report.Holds {
		return &exit{code: exitFailed}
	}
	return nil
}
