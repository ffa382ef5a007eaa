package notify

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// listener is one target on a clock of its own: it hears what news finds, as a speaker would send it.
type listener struct {
	t     *testing.T
	now   time.Time
	known map[string]notified
	deaf  bool // nothing arrives
	heard []string
}

func listen(t *testing.T) *listener {
	return &listener{t: t, now: noon, known: map[string]notified{}}
}

// look passes some time and compares what is then with what was told.
func (l *listener) look(after time.Duration, change func(*snapshot), subjects ...incidentState) (titles []string) {
	l.t.Helper()
	l.now = l.now.Add(after)
	v := snapshot{organization: "org_1", at: l.now, complete: true, incidents: subjects}
	if change != nil {
		change(&v)
	}
	noted, due := v.dueNotifications(l.known, choices)
	l.keep(noted)
	for _, n := range due {
		if l.deaf {
			break
		}
		titles = append(titles, n.Title)
		l.keep(n.onSent)
	}
	l.heard = append(l.heard, titles...)
	return titles
}

func (l *listener) keep(changes map[string]*notified) {
	for about, e := range changes {
		if delete(l.known, about); e != nil {
			l.known[about] = *e
		}
	}
}

// hears looks every 5 s for some time, and checks what was told.
func (l *listener) hears(within time.Duration, subjects []incidentState, want ...string) {
	l.t.Helper()
	var got []string
	for range int(within / (5 * time.Second)) {
		got = append(got, l.look(5*time.Second, nil, subjects...)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("within %s (-want +got):\n%s", within, diff)
	}
}

// fresh is an incident that was opened at noon.
func fresh(state journal.IncidentState, change ...func(*incidentState)) []incidentState {
	s := at(state, change...)
	s.OpenedAt = noon
	return []incidentState{s}
}

func TestAPersonIsToldOnceOfEachStage(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(2*time.Minute, fresh(journal.Settling))
	l.hears(time.Minute, fresh(journal.AwaitingApproval, gated("mode", "approve")),
		"paris-warehouse failed and waits for approval: nothing moves until somebody approves")
	l.hears(10*time.Minute, fresh(journal.Draining), "paris-warehouse goes on: its delivery orders are handed over")
	l.hears(time.Hour, fresh(journal.Watching, counted(40, 0, nil)))
	l.hears(time.Hour, fresh(journal.Closed, counted(40, 0, nil)), "paris-warehouse works again, the incident is closed: 40 moved")
	if len(l.known) > 0 {
		t.Errorf("what is over is remembered: %+v", l.known)
	}
}

// TestWhatAnIncidentComesBackToIsNotToldAgain has other delivery orders wait for an approval, and a gate that opens and closes.
func TestWhatAnIncidentComesBackToIsNotToldAgain(t *testing.T) {
	t.Parallel()
	l := listen(t)
	waits, moves := fresh(journal.AwaitingApproval, gated("mode", "approve")), fresh(journal.Draining)
	l.hears(time.Minute, waits, "paris-warehouse failed and waits for approval: nothing moves until somebody approves")
	l.hears(2*time.Minute, moves, "paris-warehouse goes on: its delivery orders are handed over")
	l.hears(5*time.Minute, waits)
	l.hears(5*time.Minute, moves)
	l.hears(20*time.Minute, waits, "The incident of paris-warehouse waits for approval: nothing moves until somebody approves")
	l.hears(2*time.Minute, fresh(journal.Blocked, gated("canary", "5 in a row")), "The incident of paris-warehouse is blocked by the gate canary: nothing new begins")
	everywhere := fresh(journal.Blocked, gated("blast_radius", "3 of 3"))
	l.hears(2*time.Minute, everywhere, "The incident of paris-warehouse is blocked by the gate blast_radius: nothing new begins")
	l.hears(2*time.Minute, moves, "paris-warehouse goes on: its delivery orders are handed over")
	l.hears(2*time.Minute, everywhere)
	l.hears(2*time.Minute, fresh(journal.Blocked, gated("canary", "5 in a row")), "The incident of paris-warehouse is blocked by the gate canary: nothing new begins")
	l.hears(time.Minute, fresh(journal.Closed, counted(40, 0, nil)), "paris-warehouse works again, the incident is closed: 40 moved")
}

func TestAFalseAlarmWithinTheSettleWindowIsNoMessage(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(2*time.Minute, fresh(journal.Settling))
	l.hears(time.Hour, fresh(journal.Dismissed))
	if len(l.known) > 0 {
		t.Errorf("it is remembered: %+v", l.known)
	}
}

func TestALocationThatCannotBeReadIsToldAndSoIsItsEnd(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(10*time.Minute, fresh(journal.Settling), "paris-warehouse is said to have failed, and cannot be read: nothing moves")
	l.hears(time.Minute, fresh(journal.Dismissed), "paris-warehouse works: it was a false alarm")
}

func TestAllLocationsThatErrInOneWindowAreOneMessage(t *testing.T) {
	t.Parallel()
	l := listen(t)
	var all []incidentState
	for i := range 20 {
		all = append(all, fresh(journal.Blocked, gated("blast_radius", "all"), elsewhere(fmt.Sprintf("inc-%02d", i), fmt.Sprintf("place-%02d", i)))...)
	}
	var got []string
	for i := range 20 { // one more each second
		got = append(got, l.look(time.Second, nil, all[:i+1]...)...)
	}
	got = append(got, l.look(20*time.Second, nil, all...)...)
	if want := []string{"20 locations failed and are blocked: nothing new begins"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.hears(25*time.Minute, all)
	l.hears(10*time.Minute, all, "Reminder: 20 locations still wait for a person")
}

func TestManyWhoNeedAPersonAreOneMessageAWindow(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(time.Minute, fresh(journal.Draining), "paris-warehouse failed: its delivery orders are handed over")
	l.heard = nil
	for i := range 20 * 12 { // 20 minutes of a drain: one more every 5 s
		s := fresh(journal.Draining, counted(1000, 0, map[journal.Reason]int{journal.NoCandidate: i + 1}))
		s[0].tally.States[journal.Pending] = 100
		l.look(5*time.Second, nil, s...)
	}
	want := []string{"paris-warehouse: 13 delivery orders need a person", "paris-warehouse: 133 delivery orders need a person (120 new)"}
	if diff := cmp.Diff(want, l.heard); diff != "" {
		t.Errorf("in 20 minutes (-want +got):\n%s", diff)
	}
	last := fresh(journal.Watching, counted(1240, 0, map[journal.Reason]int{journal.NoCandidate: 240}))
	l.hears(20*time.Minute, last, "paris-warehouse: 240 delivery orders need a person (107 new)")
	l.hears(time.Hour, fresh(journal.Watching, counted(1240, 1, map[journal.Reason]int{journal.NoCandidate: 1})))
	l.hears(time.Hour, fresh(journal.Watching, counted(1240, 1, map[journal.Reason]int{journal.NoCandidate: 2})),
		"paris-warehouse: 2 delivery orders need a person (1 new)")
}

func TestWhoAreAtRestAreToldWithoutWaitingForMore(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.known["inc-20260518T080000-a1b2c3"] = notified{Stage: moving}
	l.hears(40*time.Second, fresh(journal.Watching, counted(3, 0, map[journal.Reason]int{journal.NoCandidate: 2})),
		"paris-warehouse: 2 delivery orders need a person")
}

func TestAnUrgentReasonIsToldAtOnceAndOnceEach(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.known["inc-20260518T080000-a1b2c3"] = notified{Stage: moving}
	one, two := fresh(journal.Watching, twice("SO-1")), fresh(journal.Watching, twice("SO-1", "SO-2"))
	l.hears(5*time.Second, one, "URGENT: paris-warehouse: 1 delivery order may be shipped twice")
	l.hears(time.Minute, one)
	l.hears(5*time.Second, two, "URGENT: paris-warehouse: 2 delivery orders may be shipped twice")
	l.hears(31*time.Minute, two, "Reminder: paris-warehouse still waits for a person")
	l.hears(time.Hour, fresh(journal.Watching, counted(0, 2, nil))) // an operator closed the rows
}

func TestAnUrgentReasonAfterTheEndIsToldAtOnce(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.hears(5*time.Second, fresh(journal.Closed, twice("SO-1")), "URGENT: paris-warehouse: 1 delivery order may be shipped twice")
}

func TestATargetThatWasAwayHearsHowThingsStandThen(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.deaf = true
	l.hears(time.Hour, fresh(journal.Blocked, gated("pause", "paused")))
	l.hears(time.Hour, fresh(journal.Watching, counted(1, 0, map[journal.Reason]int{journal.NoCandidate: 1})))
	l.deaf = false
	l.hears(time.Hour, fresh(journal.Closed, counted(2, 0, nil)), "paris-warehouse works again, the incident is closed: 2 moved")
}

func TestSilenceIsToldWhereSomethingIsExpected(t *testing.T) {
	t.Parallel()
	quiet := func(inFlight int) func(*snapshot) {
		return func(v *snapshot) { v.webhooks = webhookHealth{last: noon, since: noon, inFlight: inFlight} }
	}
	l := listen(t)
	if got := l.look(time.Hour, func(v *snapshot) { v.webhooks = webhookHealth{inFlight: 3} }); len(got) > 0 {
		t.Errorf("an index that never listened: got %q", got)
	}
	l.now = noon
	for _, step := range []struct {
		after time.Duration
		view  func(*snapshot)
		want  []string
	}{
		{59 * time.Minute, quiet(3), nil},
		{2 * time.Minute, quiet(0), nil},
		{time.Minute, quiet(3), []string{"No webhook for 1 h 02 min, while 3 delivery orders are in flight"}},
		{5 * time.Second, quiet(3), nil},
		{30 * time.Minute, quiet(3), []string{"No webhook for 1 h 32 min, while 3 delivery orders are in flight"}},
		{time.Minute, func(v *snapshot) { v.webhooks = webhookHealth{last: v.at} }, []string{"Webhooks come again, after 1 h 33 min"}},
		{time.Minute, func(v *snapshot) { v.webhooks = webhookHealth{last: v.at} }, nil},
	} {
		if got := l.look(step.after, step.view); !slices.Equal(got, step.want) {
			t.Errorf("%s after noon: got %q, want %q", l.now.Sub(noon), got, step.want)
		}
	}
}

func TestRedisIsFullFrom80PercentUntil75(t *testing.T) {
	t.Parallel()
	l := listen(t)
	for _, step := range []struct {
		percent int64
		want    []string
	}{
		{79, nil}, {80, []string{"Redis has used 80% of its memory"}}, {90, nil}, {78, nil}, {74, []string{"Redis has room again: 74% of its memory is used"}}, {74, nil},
	} {
		got := l.look(time.Minute, func(v *snapshot) { v.organization, v.memory = "", journal.RedisMemory{Used: step.percent, Limit: 100} })
		if !slices.Equal(got, step.want) {
			t.Errorf("at %d%%: got %q, want %q", step.percent, got, step.want)
		}
	}
	if got := l.look(time.Minute, func(v *snapshot) { v.organization, v.memory = "", journal.RedisMemory{Used: 1 << 40} }); len(got) > 0 {
		t.Errorf("without a limit: got %q", got)
	}
}

func TestWhatCouldNotBeReadIsNoNews(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.known["inc-20260518T080000-a1b2c3"] = notified{Stage: moving}
	l.look(time.Hour, func(v *snapshot) { v.complete = false })
	if len(l.known) != 1 {
		t.Error("an incident that could not be read was forgotten")
	}
}

func TestAClockIsApartFrom10SecondsUntil5(t *testing.T) {
	t.Parallel()
	l := listen(t)
	const tooFar, agree = "The clock of worker-1 is %s behind HappyColis's", "The clocks agree with HappyColis's again"
	for _, step := range []struct {
		seconds int // behind; below 0: nobody measured
		want    []string
	}{
		{10, nil}, {11, []string{fmt.Sprintf(tooFar, "11s")}}, {40, nil}, {8, nil}, {-1, nil}, {6, nil}, {5, []string{agree}}, {0, nil},
		{7200, []string{fmt.Sprintf(tooFar, "2h0m0s")}},
	} {
		got := l.look(time.Minute, func(v *snapshot) {
			v.organization = ""
			if step.seconds >= 0 {
				v.clocks = []happycolis.Clock{{Host: "worker-1", Ahead: -time.Duration(step.seconds) * time.Second}}
			}
		})
		if !slices.Equal(got, step.want) {
			t.Errorf("at %d s: got %q, want %q", step.seconds, got, step.want)
		}
	}
	apart := func(v *snapshot) {
		v.organization, v.clocks = "", []happycolis.Clock{{Host: "worker-1", Ahead: -2 * time.Hour}}
	}
	if got := l.look(choices.Remind, apart); len(got) != 1 {
		t.Errorf("reminded with %q, want once more", got)
	}
}
