package demo

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// rowsMost is how many orders a table of the demo has.
const rowsMost = 60

// Screen prints what happens in the demo, for people. With --json it prints nothing.
type Screen struct {
	stage          *Stage
	stdout, stderr *terminal.Output
	bar            *terminal.Bar
}

// NewScreen returns the screen of a stage; with Options.JSON it needs no outputs.
func NewScreen(s *Stage, stdout, stderr *terminal.Output) *Screen {
	return &Screen{stage: s, stdout: stdout, stderr: stderr, bar: &terminal.Bar{}}
}

func (s *Screen) printf(format string, args ...any) {
	if !s.stage.options.JSON {
		s.stdout.Printf(format+"\n", args...)
	}
}

func (s *Screen) printOpening() {
	s.printf("")
	s.printf("  A merchant with %s and %s. %s in flight at %s.", terminal.Plural(len(s.stage.Merchant.Locations), "location"),
		terminal.Plural(s.stage.options.Orders, "order"), terminal.Plural(len(s.stage.Merchant.InFlight), "delivery order"), sandbox.Paris)
	s.printf("  Its integration breaks: the platform sends location/fulfillment_service_integration/errored,")
	s.printf("  signed, over HTTP. The worker waits a moment, looks again, and hands over.")
	s.printf("")
	s.printf("  %s", describePlatform(s.stage.options))
	s.printf("  The times are short, so that one can watch: a failure is looked at again after %s, a cancel and an acceptance are", settle)
	s.printf("  waited for %s each. In earnest these are minutes, and an hour (incident.settle, handover.cancel_timeout, accept_timeout).", deadline)
	s.printf("")
	if !s.stage.options.JSON {
		s.bar = terminal.NewBar(s.stderr, len(s.stage.Merchant.InFlight), "handing over")
	}
}

// describePlatform says how the platform behaves.
func describePlatform(d Options) string {
	text := "The platform " + map[string]string{"sync": "cancels at once", "async": "confirms a cancel " + asyncCancel.String() + " later",
		"refused": "refuses to cancel at " + sandbox.Paris, "never": "takes a cancel and never confirms it"}[d.Cancel] +
		"; " + sandbox.Lyon + " " + map[string]string{"accepts": "accepts what it gets", "rejects": "rejects what it gets", "silent": "never answers"}[d.Fallback]
	if d.Flaky > 0 {
		text += fmt.Sprintf("; %d of 100 requests fail", d.Flaky)
	}
	return text + "."
}

func (s *Screen) showProgress(resting int) { s.bar.Set(min(resting, len(s.stage.Merchant.InFlight))) }
func (s *Screen) endProgress()             { s.bar.End() }

// PrintResult prints where each delivery order went, and the result of the judge.
func (s *Screen) PrintResult(r *Report) {
	byNumber := slices.Clone(r.rows)
	slices.SortStableFunc(byNumber, func(a, b api.OrderRow) int {
		return strings.Compare(terminal.OrDash(a.OrderNumber), terminal.OrDash(b.OrderNumber))
	})
	s.printReassigned(byNumber)
	s.printNeedsPerson(byNumber)
	s.printLeft(byNumber)
	s.printChecks(r)
}

func (s *Screen) printReassigned(rows []api.OrderRow) {
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
	s.printSection("WHAT WENT WHERE", t)
}

func (s *Screen) printNeedsPerson(rows []api.OrderRow) {
	t := terminal.Table{Head: []string{"ORDER", "WAS", "REASON", "WHICH MEANS"}}
	for _, row := range rows {
		if row.State == journal.NeedsPerson {
			t.Add(terminal.OrDash(row.OrderNumber), terminal.OrDash(row.OriginalStatus), terminal.OrDash(row.Reason), meaningOf(row.Reason))
		}
	}
	s.printSection("WHAT NEEDS A PERSON, AND WHY", t)
}

func (s *Screen) printLeft(rows []api.OrderRow) {
	t := terminal.Table{Head: []string{"ORDER", "WAS", "REASON", "WHICH MEANS"}}
	for _, row := range rows {
		if row.State != journal.NeedsPerson && row.State != journal.Reassigned {
			t.Add(terminal.OrDash(row.OrderNumber), terminal.OrDash(row.OriginalStatus), terminal.OrElse(row.Reason, string(row.State)), meaningOf(row.Reason))
		}
	}
	s.printSection("WHAT WAS LEFT WHERE IT IS", t)
}

func (s *Screen) printSection(title string, t terminal.Table) {
	if len(t.Rows) == 0 {
		return
	}
	s.printf("  %s (%d)", title, len(t.Rows))
	s.printf("")
	more := len(t.Rows) - rowsMost
	t.Rows = t.Rows[:min(len(t.Rows), rowsMost)]
	t.Print(s.stdout, "    ")
	if more > 0 {
		s.printf("    and %d more", more)
	}
	s.printf("")
}

func (s *Screen) printChecks(r *Report) {
	s.printf("  CHECKED ON THE PLATFORM'S OWN BOOKS")
	s.printf("")
	s.printf("    shipped twice %d   lost %d   others touched %d", r.DoubleShipped, r.Lost, r.TouchedOthers)
	var each []string
	for _, status := range slices.Sorted(maps.Keys(r.RequestsPerOrder)) {
		if n := r.RequestsPerOrder[status]; n > 0 {
			each = append(each, fmt.Sprintf(", %.1f for each %s moved", n, status))
		}
	}
	s.printf("    %s%s; %d refused by the rate limit; %.1f s", terminal.Plural(r.APIRequests, "request"), strings.Join(each, ""), r.RateLimited, r.Seconds)
	if s.stage.options.Flaky > 0 {
		s.printf("    %s more broken by --flaky", terminal.Plural(r.broken, "request"))
	}
	s.printf("")
	if r.Holds {
		s.printf("  The promises hold: of %d in flight, %d were reassigned, %d need a person, %d were left.", r.InFlight, r.Reassigned, r.NeedsPerson, r.Left)
		return
	}
	s.printf("  THE PROMISES DO NOT HOLD.")
	if !r.rested {
		s.printf("  It did not come to rest.")
	}
	if sum := r.Reassigned + r.Left + r.NeedsPerson; sum != r.InFlight {
		s.printf("  Of %d in flight, %d are accounted for.", r.InFlight, sum)
	}
	if !r.verdict.Holds() {
		for line := range strings.Lines(r.verdict.String()) {
			s.printf("    %s", strings.TrimRight(line, "\n"))
		}
	}
}

// PrintStaying prints where to look while the demo keeps running.
func (s *Screen) PrintStaying(r *Report) {
	adminURL := s.stage.App.AdminAddress()
	w := s.stdout
	if s.stage.options.JSON {
		w = s.stderr
	}
	w.Printf("\n  The console:              http://%s/\n", adminURL)
	w.Printf("  The task queue's web UI:  http://%s/monitoring/\n", adminURL)
	program := programName(exec.LookPath, os.Executable)
	w.Printf("  From another terminal:    %s orders list --needs-person --admin http://%s\n", program, adminURL)
	if reason := r.reasonToLeave(); reason != "" {
		w.Printf("                            %s orders leave --reason-code %s --reason trying --admin http://%s\n", program, reason, adminURL)
	}
	w.Printf("\n  Ctrl-C ends the demo.\n")
}

// programName is how this program is called from another terminal: by its name where the shell finds it there, else by its
// path, which also "go run" has while it runs.
func programName(find func(string) (string, error), executable func() (string, error)) string {
	const name = "reassigner"
	if _, err := find(name); err == nil {
		return name
	}
	path, err := executable()
	if err != nil {
		return name
	}
	return plaintext.ShellWord(path)
}

// reasonToLeave is a reason for which some delivery order needs a person, and which leaving it helps with; "" if none.
func (r *Report) reasonToLeave() api.Reason {
	for _, row := range r.rows {
		if row.State == journal.NeedsPerson && row.Reason != nil && slices.Contains(api.Reason(*row.Reason).Advice().Verbs, api.VerbLeave) {
			return api.Reason(*row.Reason)
		}
	}
	return ""
}

// meaningOf says in a few words why a delivery order needs an operator, or was left.
func meaningOf(reason *string) string {
	if reason == nil {
		return ""
	}
	return journal.Reason(*reason).Meaning()
}
