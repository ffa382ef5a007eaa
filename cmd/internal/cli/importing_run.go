package cli

import (
	"context"
	"fmt"
	"slices"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

// failingMost is after how many failed lines in a row an import is aborted, since more would fail.
const failingMost = 3 * importChunk

// listImport imports the lines of a list, chunk by chunk.
type listImport struct {
	c     *cli
	a     *client
	chunk api.ImportRequest // the fields that are the same in every chunk
	lines []plaintext.Line
	bar   *terminal.Bar

	asked, found int
	skipped      []line
	failed       map[int]api.FailedOrder // by the number of the line, from 0
	inRow        int                     // failed lines since the last one that succeeded
	whole        bool
}

// line is a line that was not imported, with the reason.
type line struct {
	number  int // in the file, from 1; 0: not from a file
	id, why string
}

// run imports the lines that were not imported before, then tries once more those that failed.
func (l *listImport) run(ctx context.Context) error {
	var before api.ImportResult
	if err := l.a.get(ctx, "/api/import", queryOf("organization", l.chunk.Organization, "list", l.chunk.List), &before); err != nil {
		return err
	}
	from, total := before.Done, len(l.lines)
	again := slices.DeleteFunc(before.Again, func(i int) bool { return i >= total })
	switch {
	case from < total && from > 0:
		l.c.stderr.Printf("%d of %d lines were imported before; going on from there.\n", from, total)
	case from >= total && len(again) > 0:
		from = total
		l.c.stderr.Printf("%d of %d lines were imported before; asking for %s again.\n", total-len(again), total, countFailed(len(again)))
	case from >= total: // a complete list is imported again from the start, to read everything anew
		from, again = 0, nil
	}
	l.failed = map[int]api.FailedOrder{}
	l.bar = terminal.NewBar(l.c.stderr, total, "importing")
	l.bar.Start(from)
	err := l.importFrom(ctx, from)
	if err == nil {
		for i := range l.failed {
			again = append(again, i)
		}
		slices.Sort(again)
		err = l.importAgain(ctx, again)
	}
	l.bar.End()
	if l.asked > 0 {
		l.printOutcome()
	}
	return l.result(err)
}

func countFailed(n int) string { return terminal.Plural(n, "line") + " that failed" }

// importFrom imports from a line on.
func (l *listImport) importFrom(ctx context.Context, from int) error {
	for from < len(l.lines) {
		to := min(from+importChunk, len(l.lines))
		chunk := l.chunk
		chunk.From, chunk.IDs, chunk.Finish = from, valuesOf(l.lines[from:to]), to == len(l.lines)
		numbers := make([]int, to-from)
		for i := range numbers {
			numbers[i] = from + i
		}
		if err := l.post(ctx, chunk, numbers); err != nil {
			return fmt.Errorf("%w\n%d of %d lines are done; run it again to go on", err, from, len(l.lines))
		}
		from = to
		l.bar.Set(from)
		if l.inRow >= failingMost {
			return exitError(ExitFailed, "%s failed one after the other, so the import broke off after %d of %d; run it again to go on", terminal.Plural(l.inRow, "line"), from, len(l.lines))
		}
	}
	return nil
}

// importAgain imports lines that failed.
func (l *listImport) importAgain(ctx context.Context, again []int) error {
	for part := range slices.Chunk(again, importChunk) {
		chunk := l.chunk
		chunk.Again, chunk.Finish = part, part[len(part)-1] == again[len(again)-1]
		for _, i := range part {
			chunk.IDs = append(chunk.IDs, l.lines[i].Value)
		}
		if err := l.post(ctx, chunk, part); err != nil {
			return fmt.Errorf("%w\n%s may still be missing; run it again to go on", err, countFailed(len(again)))
		}
	}
	return nil
}

// post imports one chunk, and stores the result of each of its lines.
func (l *listImport) post(ctx context.Context, chunk api.ImportRequest, numbers []int) error {
	var got api.ImportResult
	if err := l.a.post(ctx, "/api/import", chunk, &got); err != nil {
		return err
	}
	at := func(id string) int { return numbers[max(0, slices.Index(chunk.IDs, id))] }
	for _, i := range numbers {
		if _, before := l.failed[i]; !before {
			l.asked++
		}
		delete(l.failed, i)
	}
	l.found += got.DeliveryOrders
	for _, s := range got.Skipped {
		l.skipped = append(l.skipped, line{l.lines[at(s.ID)].Number, s.ID, s.Kind})
	}
	for _, f := range got.Failed {
		l.failed[at(f.ID)] = f
	}
	if l.inRow += len(got.Failed); len(got.Failed) < len(numbers) {
		l.inRow = 0
	}
	l.whole = got.Whole
	return nil
}

// printOutcome prints the results of the lines.
func (l *listImport) printOutcome() {
	var failed []line
	for i, f := range l.failed {
		failed = append(failed, line{l.lines[i].Number, f.ID, f.Why})
	}
	slices.SortFunc(failed, func(a, b line) int { return a.number - b.number })
	l.c.printLines(l.skipped, "skipped, since the platform does not show them")
	l.c.printLines(failed, "failed, after several tries")
	imported := l.asked - len(l.skipped) - len(l.failed)
	text := terminal.Plural(l.asked, "line")
	if imported < l.asked {
		text = fmt.Sprintf("%d of %s", imported, text)
	}
	text += " imported: " + terminal.Plural(l.found, "delivery order")
	if imported < l.asked {
		text += fmt.Sprintf("; %d skipped, %d failed", len(l.skipped), len(l.failed))
	}
	l.c.stdout.Println(text + ".")
}

// result is the error with which the import ends; err is why it was aborted, if it was.
func (l *listImport) result(err error) error {
	switch {
	case err != nil:
		return err
	case len(l.failed) > 0:
		return exitError(ExitFailed, "%s not imported; run it again: it asks for these only", map[bool]string{true: "1 line is", false: fmt.Sprintf("%d lines are", len(l.failed))}[len(l.failed) == 1])
	case len(l.skipped) == len(l.lines) && l.chunk.ThirdPartyApp == "":
		return exitError(ExitFailed, "the platform shows none of them. Are they order ids? Numbers and names that a shop gives its orders want --third-party-app ID")
	case len(l.skipped) == len(l.lines):
		return exitError(ExitFailed, "the platform shows none of them. Does it know the orders of the third-party application %s by these references? Order ids go without --third-party-app", l.chunk.ThirdPartyApp)
	case l.found == 0 && l.asked == len(l.lines):
		return exitError(ExitFailed, "none of them has a delivery order. Are they order ids? A number or a name that a shop gives its orders is no id: it wants --third-party-app ID")
	case !l.whole:
		l.c.stderr.Println("Lines were skipped, so the index still counts as incomplete; take them out of the list, or mend them, and import it again.")
	}
	return nil
}

// linesShown is how many of the lines that were not imported are printed.
const linesShown = 20

func (c *cli) printLines(lines []line, what string) {
	if len(lines) == 0 {
		return
	}
	c.stderr.Printf("%s %s:\n", terminal.Plural(len(lines), "line"), what)
	for _, l := range lines[:min(len(lines), linesShown)] {
		where := ""
		if l.number > 0 {
			where = fmt.Sprintf("line %d: ", l.number)
		}
		c.stderr.Printf("  %s%s (%s)\n", where, plaintext.Exact(l.id), l.why)
	}
	if more := len(lines) - linesShown; more > 0 {
		c.stderr.Printf("  and %d more\n", more)
	}
}

// importLocation reads again the delivery orders that the index has at a location.
func (c *cli) importLocation(ctx context.Context, a *client, chunk api.ImportRequest) error {
	bar := terminal.NewBar(c.stderr, 0, "repairing")
	orders, found := 0, 0
	var skipped, failed []line
	var err error
	for {
		var page api.ImportResult
		if err = a.post(ctx, "/api/import", chunk, &page); err != nil {
			break
		}
		orders, found = orders+page.Done, found+page.DeliveryOrders
		for _, s := range page.Skipped {
			skipped = append(skipped, line{id: s.ID, why: s.Kind})
		}
		for _, f := range page.Failed {
			failed = append(failed, line{id: f.ID, why: f.Why})
		}
		bar.Grow(max(page.Total, found))
		bar.Set(found)
		if chunk.Cursor = page.Next; chunk.Cursor == "" {
			break
		}
	}
	bar.End()
	if err != nil && orders == 0 {
		return err
	}
	c.printLines(skipped, "skipped, since the platform does not show them")
	c.printLines(failed, "failed, after several tries")
	c.stdout.Printf("%s of %s read again.\n", terminal.Plural(found, "delivery order"), terminal.Plural(orders-len(skipped)-len(failed), "order"))
	switch {
	case err != nil:
		return err
	case len(failed) > 0:
		return exitError(ExitFailed, "%s could not be read; run it again", terminal.Plural(len(failed), "order"))
	case orders > 0 && len(skipped) == orders:
		return exitError(ExitFailed, "the platform shows none of the orders whose delivery orders are known to be in flight there")
	}
	return nil
}
