package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

// watchEvery is the interval at which a watched incident is read.
const watchEvery = time.Second

// watchIncident shows an incident's progress until it is at rest, or until it is interrupted, which is no failure.
func (c *cli) watchIncident(ctx context.Context, a *client, id string) error {
	ctx, done := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer done()
	w := &watching{c: c, bar: &terminal.Bar{}}
	for {
		var d api.IncidentDetail
		err := a.get(ctx, "/api/incidents/"+url.PathEscape(id), nil, &d)
		if ctx.Err() != nil {
			w.bar.End()
			return nil
		}
		if err != nil {
			w.bar.End()
			return err
		}
		w.show(d)
		if isAtRest(d) {
			w.bar.End()
			c.printIncident(d)
			return nil
		}
		app.Sleep(ctx, watchEvery)
	}
}

// isAtRest reports whether nothing more happens in an incident unless an operator acts or an event comes.
func isAtRest(d api.IncidentDetail) bool {
	switch d.State {
	case api.Closed, api.Dismissed, api.Stopped:
		return true
	case api.Watching:
		return countUnfinished(d.Counts) == 0
	case api.Settling, api.AwaitingApproval, api.Blocked, api.Draining:
	}
	return false
}

// watching prints progress: a bar on a terminal, otherwise a line for each change.
type watching struct {
	c     *cli
	bar   *terminal.Bar
	state api.IncidentState
	last  string
	most  int
}

func (w *watching) show(d api.IncidentDetail) {
	all := 0
	for _, n := range d.Counts {
		all += n
	}
	under := countUnfinished(d.Counts)
	line := fmt.Sprintf("%s is %s: %s", d.IncidentID, d.State, formatCounts(d.Counts, all, under))
	if !w.c.stderr.OnTerminal() {
		if line != w.last {
			w.c.stderr.Println(line)
		}
		w.last = line
		return
	}
	if all == 0 {
		if d.State != w.state {
			w.c.stderr.Printf("%s is %s.\n", d.IncidentID, d.State)
		}
		w.state = d.State
		return
	}
	if w.most == 0 {
		w.bar = terminal.NewBar(w.c.stderr, all, string(d.State))
		w.bar.Start(all - under)
	} else if all != w.most {
		w.bar.Grow(all)
	}
	w.most = all
	w.bar.Describe(fmt.Sprintf("%s, %d need a person", d.State, d.Counts[api.NeedsPerson]))
	w.bar.Set(all - under)
}

// formatCounts says how many are in which state.
func formatCounts(counts map[api.State]int, all, under int) string {
	parts := []string{fmt.Sprintf("%d of %d at rest", all-under, all)}
	for _, state := range []api.State{api.Reassigned, api.Left, api.NeedsPerson} {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(state), "_", " ")))
		}
	}
	return strings.Join(parts, ", ")
}
