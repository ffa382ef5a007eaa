package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	bar   *bar
}

func (s *demoScreen) say(format string, args ...any) {
	if !s.d.json {
		s.c.stdout.printf(format+"\n", args...)
	}
}

func (s *demoScreen) opening() {
	s.say("")
	s.say("  A merchant with %s and %s. %s in flight at %s.", plural(len(s.stage.merchant.Locations), "location"),
		plural(s.d.orders, "order"), plural(len(s.stage.merchant.InFlight), "delivery order"), sandbox.Paris)
	s.say("  Its integration breaks: the platform sends location/fulfillment_service_integration/errored,")
	s.say("  signed, over HTTP. The worker waits a moment, looks again, and hands over.")
	s.say("")
	s.bar = &bar{}
	if !s.d.json {
		s.bar = s.c.bar(len(s.stage.merchant.InFlight), "handing over")
	}
}

func (s *demoScreen) progress(resting int) { s.bar.set(min(resting, len(s.stage.merchant.InFlight))) }
func (s *demoScreen) progressed()          { s.bar.end() }

func (s *demoScreen) result(r *demoReport) {
	byNumber := slices.Clone(r.rows)
	slices.SortStableFunc(byNumber, func(a, b desk.OrderRow) int { return strings.Compare(orDash(a.OrderNumber), orDash(b.OrderNumber)) })
	s.went(byNumber)
	s.needing(byNumber)
	s.remaining(byNumber)
	s.checked(r)
}

func (s *demoScreen) went(rows []desk.OrderRow) {
	t := table{head: []string{"ORDER", "WAS", "FROM", "TO", "HOW"}}
	for _, row := range rows {
		if row.State != journal.Reassigned {
			continue
		}
		how := "the draft itself was moved"
		if row.ReplacementID != nil {
			how = "replaced by " + *row.ReplacementID
		}
		t.add(orDash(row.OrderNumber), orDash(row.OriginalStatus), orDash(row.From), orDash(row.To), how)
	}
	s.section("WHAT WENT WHERE", t)
}

func (s *demoScreen) needing(rows []desk.OrderRow) {
	t := table{head: []string{"ORDER", "WAS", "REASON", "WHICH MEANS"}}
	for _, row := range rows {
		if row.State == journal.NeedsPerson {
			t.add(orDash(row.OrderNumber), orDash(row.OriginalStatus), orDash(row.Reason), meaning(row.Reason))
		}
	}
	s.section("WHAT NEEDS A PERSON, AND WHY", t)
}

func (s *demoScreen) remaining(rows []desk.OrderRow) {
	t := table{head: []string{"ORDER", "WAS", "REASON", "WHICH MEANS"}}
	for _, row := range rows {
		if row.State != journal.NeedsPerson && row.State != journal.Reassigned {
			t.add(orDash(row.OrderNumber), orDash(row.OriginalStatus), orElse(row.Reason, string(row.State)), meaning(row.Reason))
		}
	}
	s.section("WHAT WAS LEFT WHERE IT IS", t)
}

func (s *demoScreen) section(title string, t table) {
	if len(t.rows) == 0 {
		return
	}
	s.say("  %s (%d)", title, len(t.rows))
	s.say("")
	more := len(t.rows) - demoRowsMost
	t.rows = t.rows[:min(len(t.rows), demoRowsMost)]
	t.print(s.c.stdout, "    ")
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
	s.say("    %s%s; %d refused by the rate limit; %.1f s", plural(r.APIRequests, "request"), strings.Join(each, ""), r.RateLimited, r.Seconds)
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
	w.printf("\n  The console:              http://%s/\n", admin)
	w.printf("  The task queue's web UI:  http://%s/monitoring/\n", admin)
	w.printf("  From another terminal:    reassigner orders list --needs-person --admin http://%s\n", admin)
	w.printf("                            reassigner orders retry --reason-code opened_not_enabled --reason trying --admin http://%s\n", admin)
	w.printf("\n  Ctrl-C ends the demo.\n")
}
