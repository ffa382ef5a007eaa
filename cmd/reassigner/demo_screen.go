package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/desk"
	"happycolis-reassigner/worker/journal"
)

// demoRowsMost is how many orders a table of the demo shows.
const demoRowsMost = 60

// demoScreen tells the story of the demo to people. With --json it says nothing.
type demoScreen struct {
	c     *cli
	d     demoFlags
	stage *stage
	bar   *terminal.Bar
}

func (s *demoScreen) say(format string, args ...any) {
	if !s.d.json {
		s.c.stdout.Printf(format+"\n", args...)
	}
}

func (s *demoScreen) opening() {
	s.say("")
	s.say("  A merchant with %s and %s. %s in flight at %s.", terminal.Plural(len(s.stage.merchant.Locations), "location"),
		terminal.Plural(s.d.orders, "order"), terminal.Plural(len(s.stage.merchant.InFlight), "delivery order"), sandbox.Paris)
	s.say("  Its integration breaks: the platform sends location/fulfillment_service_integration/errored,")
	s.say("  signed, over HTTP. The worker waits a moment, looks again, and hands over.")
	s.say("")
	s.bar = &terminal.Bar{}
	if !s.d.json {
		s.bar = terminal.NewBar(s.c.stderr, len(s.stage.merchant.InFlight), "handing over")
	}
}

func (s *demoScreen) progress(resting int) { s.bar.Set(min(resting, len(s.stage.merchant.InFlight))) }
func (s *demoScreen) progressed()          { s.bar.End() }

func (s *demoScreen) result(r *demoReport) {
	byNumber := slices.Clone(r.rows)
	slices.SortStableFunc(byNumber, func(a, b desk.OrderRow) int {
		return strings.Compare(terminal.OrDash(a.OrderNumber), terminal.OrDash(b.OrderNumber))
	})
	s.went(byNumber)
	s.needing(byNumber)
	s.remaining(byNumber)
	s.checked(r)
}

func (s *demoScreen) went(rows []desk.OrderRow) {
	t := terminal.Table{Head: []string{"ORDER", "WAS", "FROM", "TO", "HOW"}}
	for _, row := range rows {
		if row.State != journal.Reassigned {
			continue
		}
		how := "the draft itself was moved"
		if row.ReplacementID != nil {
			how = "replaced by " + *row.ReplacementID
		}
		t.Add(terminal.OrDash(row.OrderNumber), terminal.OrDash(row.OriginalStatus), terminal.OrDash(row.From), terminal.OrDash(row.To), how)
	}
	s.section("WHAT WENT WHERE", t)
}

func (s *demoScreen) needing(rows []desk.OrderRow) {
	t := terminal.Table{Head: []string{"ORDER", "WAS", "REASON", "WHICH MEANS"}}
	for _, row := range rows {
		if row.State == journal.NeedsPerson {
			t.Add(terminal.OrDash(row.OrderNumber), terminal.OrDash(row.OriginalStatus), terminal.OrDash(row.Reason), meaning(row.Reason))
		}
	}
	s.section("WHAT NEEDS A PERSON, AND WHY", t)
}

func (s *demoScreen) remaining(rows []desk.OrderRow) {
	t := terminal.Table{Head: []string{"ORDER", "WAS", "REASON", "WHICH MEANS"}}
	for _, row := range rows {
		if row.State != journal.NeedsPerson && row.State != journal.Reassigned {
			t.Add(terminal.OrDash(row.OrderNumber), terminal.OrDash(row.OriginalStatus), orElse(row.Reason, string(row.State)), meaning(row.Reason))
		}
	}
	s.section("WHAT WAS LEFT WHERE IT IS", t)
}

func (s *demoScreen) section(title string, t terminal.Table) {
	if len(t.Rows) == 0 {
		return
	}
	s.say("  %s (%d)", title, len(t.Rows))
	s.say("")
	more := len(t.Rows) - demoRowsMost
	t.Rows = t.Rows[:min(len(t.Rows), demoRowsMost)]
	t.Print(s.c.stdout, "    ")
	if more > 0 {
		s.say("    and %d more", more)
	}
	s.say("")
}

func (s *demoScreen) checked(r *demoReport) {
	s.say("  CHECKED ON THE PLATFORM'S OWN BOOKS")
	s.say("")
	s.say("    shipped twice %d   lost %d   others touched %d", r.DoubleShipped, r.Lost, r.TouchedOthers)
	var each []string
	for _, status := range slices.Sorted(maps.Keys(r.RequestsPerOrder)) {
		if n := r.RequestsPerOrder[status]; n > 0 {
			each = append(each, fmt.Sprintf(", %.1f for each %s moved", n, status))
		}
	}
	s.say("    %s%s; %d refused by the rate limit; %.1f s", terminal.Plural(r.APIRequests, "request"), strings.Join(each, ""), r.RateLimited, r.Seconds)
	s.say("")
	if r.Holds {
		s.say("  The promises hold: of %d in flight, %d were reassigned, %d need a person, %d were left.", r.InFlight, r.Reassigned, r.NeedsPerson, r.Left)
		return
	}
	s.say("  THE PROMISES DO NOT HOLD.")
	if !r.rested {
		s.say("  It did not come to rest.")
	}
	if sum := r.Reassigned + r.Left + r.NeedsPerson; sum != r.InFlight {
		s.say("  Of %d in flight, %d are accounted for.", r.InFlight, sum)
	}
	if !r.verdict.Holds() {
		for line := range strings.Lines(r.verdict.String()) {
			s.say("    %s", strings.TrimRight(line, "\n"))
		}
	}
}

// staying tells where to look while the demo stays up.
func (s *demoScreen) staying() {
	admin := s.stage.app.AdminAddress()
	w := s.c.stdout
	if s.d.json {
		w = s.c.stderr
	}
	w.Printf("\n  The console:              http://%s/\n", admin)
	w.Printf("  The task queue's web UI:  http://%s/monitoring/\n", admin)
	w.Printf("  From another terminal:    reassigner orders list --needs-person --admin http://%s\n", admin)
	w.Printf("                            reassigner orders retry --reason-code opened_not_enabled --reason trying --admin http://%s\n", admin)
	w.Printf("\n  Ctrl-C ends the demo.\n")
}
