package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"happycolis-reassigner/worker/desk"
	"happycolis-reassigner/worker/plaintext"
)

// Limits of an import.
const (
	importMost  = 64 << 20 // bytes of a file
	importChunk = 20       // lines of one request: the progress bar moves every second or so
)

func (c *cli) importing() *cobra.Command {
	var at remote
	var location, organization, app, reason string
	command := &cobra.Command{
		Use: "import FILE | --location LOCATION", Short: "Fill the index with delivery orders from before its time",
		Long: "Fill the index with the delivery orders of the orders in FILE: order ids, one a line, or, with\n" +
			"--third-party-app, the references that a shop knows them by. Or repair what the index knows of one location.\n" +
			"An import that was interrupted goes on where it ended: run it again with the same file.\n\n" +
			"FILE is text, UTF-8 or UTF-16. There are no comments: #1001 is an order. Blank lines, repeated lines, space and\n" +
			"quotes around a value are left out. A table, or a column with its heading, is refused: keep the one column. A value\n" +
			"with a comma, a semicolon, a bar or a tab in it stands in double quotes.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (location != "") {
				return misused("name a file or --location, one of them")
			}
			a, err := c.api(at)
			if err != nil {
				return err
			}
			if location != "" {
				return c.importLocation(cmd.Context(), a, desk.Import{Organization: organization, Location: location, Reason: reason})
			}
			lines, list, err := c.readLines(args[0])
			if err != nil {
				return err
			}
			if reason == "" {
				reason = plural(len(lines), "line") + " of " + filepath.Base(args[0])
			}
			return c.importLines(cmd.Context(), a, desk.Import{Organization: organization, List: list + app, ThirdPartyApp: app, Reason: reason}, lines)
		},
	}
	at.flags(command)
	command.Flags().StringVar(&location, "location", "", "repair this location: slug or id")
	command.Flags().StringVar(&organization, "organization", "", "the organization, where several are configured")
	command.Flags().StringVar(&reason, "reason", "", "why, for the audit log; without it that tells what was imported")
	command.Flags().StringVar(&app, "third-party-app", "", "the lines are external references of this third-party application")
	return command
}

// readLines returns the lines of a list, and the digest that names it.
func (c *cli) readLines(path string) (lines []string, list string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", misused("reading %s: %s", path, reasonOf(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, importMost+1))
	if err != nil {
		return nil, "", misused("reading %s: %s", path, reasonOf(err))
	}
	if len(data) > importMost {
		return nil, "", misused("%s has more than %d bytes; split it", path, importMost)
	}
	read, err := plaintext.ReadList(data)
	if err != nil {
		return nil, "", misused("%s, nothing of it is imported:\n%w", path, err)
	}
	if n := len(read.Repeated); n > 0 {
		first := read.Repeated[0]
		fmt.Fprintf(c.stderr, "Repeated lines, left out: %d (the first is %s in line %d).\n", n, plaintext.Exact(first.Value), first.Number)
	}
	for _, line := range read.Lines {
		lines = append(lines, line.Value)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return lines, hex.EncodeToString(sum[:]), nil
}

func (c *cli) importLines(ctx context.Context, a *api, chunk desk.Import, lines []string) error {
	var done desk.Imported
	if err := a.get(ctx, "/api/import", values("organization", chunk.Organization, "list", chunk.List), &done); err != nil {
		return err
	}
	if done.Done >= len(lines) {
		done.Done = 0 // it was imported whole before: whoever asks again wants it fresh
	}
	if done.Done > 0 {
		fmt.Fprintf(c.stderr, "%d of %d lines were imported before; going on from there.\n", done.Done, len(lines))
	}
	bar := c.bar(len(lines), "importing")
	bar.start(done.Done)
	found, skipped := 0, []desk.Skipped{}
	for part := range slices.Chunk(lines[done.Done:], importChunk) {
		chunk.From, chunk.IDs = done.Done, part
		chunk.Finish = done.Done+len(part) == len(lines)
		if err := a.post(ctx, "/api/import", chunk, &done); err != nil {
			bar.end()
			return fmt.Errorf("%w\n%d of %d lines are imported; run it again to go on", err, chunk.From, len(lines))
		}
		found += done.DeliveryOrders
		skipped = append(skipped, done.Skipped...)
		bar.set(done.Done)
	}
	bar.end()
	c.printSkipped(skipped)
	fmt.Fprintf(c.stdout, "%s imported: %s.\n", plural(len(lines), "line"), plural(found, "delivery order"))
	if !done.Whole {
		fmt.Fprintln(c.stderr, "Lines were skipped, so the index still counts as incomplete; take them out of the list, or mend them, and import it again.")
	}
	return nil
}

func (c *cli) importLocation(ctx context.Context, a *api, chunk desk.Import) error {
	bar := c.bar(0, "repairing")
	orders, found, skipped := 0, 0, []desk.Skipped{}
	for {
		var page desk.Imported
		if err := a.post(ctx, "/api/import", chunk, &page); err != nil {
			bar.end()
			return err
		}
		orders, found, skipped = orders+page.Done, found+page.DeliveryOrders, append(skipped, page.Skipped...)
		bar.grow(max(page.Total, found))
		bar.set(found)
		if chunk.Cursor = page.Next; chunk.Cursor == "" {
			break
		}
	}
	bar.end()
	c.printSkipped(skipped)
	fmt.Fprintf(c.stdout, "%s of %s read again.\n", plural(found, "delivery order"), plural(orders, "order"))
	return nil
}

// skippedShown is how many orders that could not be imported are named.
const skippedShown = 20

func (c *cli) printSkipped(skipped []desk.Skipped) {
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintf(c.stderr, "%s skipped, since the platform does not show them:\n", plural(len(skipped), "line"))
	for _, s := range skipped[:min(len(skipped), skippedShown)] {
		fmt.Fprintf(c.stderr, "  %s (%s)\n", s.ID, s.Kind)
	}
	if more := len(skipped) - skippedShown; more > 0 {
		fmt.Fprintf(c.stderr, "  and %d more\n", more)
	}
}

// bar is a progress bar with the time left on a terminal, and nothing elsewhere.
type bar struct{ shown *progressbar.ProgressBar }

func (c *cli) bar(most int, what string) *bar {
	if !onTerminal(c.stderr) {
		return &bar{}
	}
	return &bar{progressbar.NewOptions(most,
		progressbar.OptionSetWriter(c.stderr), progressbar.OptionSetDescription("  "+what), progressbar.OptionSetWidth(36),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: " "}),
	)}
}

// start begins at a line that was reached before, which does not count for the speed.
func (b *bar) start(at int) {
	if b.shown != nil && at > 0 {
		_ = b.shown.Set(at)
	}
}

func (b *bar) set(at int) {
	if b.shown != nil {
		_ = b.shown.Set(at)
	}
}

func (b *bar) describe(what string) {
	if b.shown != nil {
		b.shown.Describe("  " + what)
	}
}

func (b *bar) grow(most int) {
	if b.shown != nil {
		b.shown.ChangeMax(most)
	}
}

func (b *bar) end() {
	if b.shown != nil {
		_ = b.shown.Clear()
	}
}
