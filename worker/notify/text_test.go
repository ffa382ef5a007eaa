package notify

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before you commit")

// noon is when the messages of these tests are written, and summer the time that their readers have.
var (
	noon   = time.Date(2026, 5, 18, 10, 0, 0, 0, time.UTC)
	summer = time.FixedZone("CEST", 2*60*60)
)

var choices = Settings{Remind: 30 * time.Minute, Silence: time.Hour, Settle: 2 * time.Minute, Console: "https://desk.example", Zone: summer}

// failed at paris, two hours before noon.
func at(state journal.IncidentState, change ...func(*incidentState)) incidentState {
	s := incidentState{Incident: &journal.Incident{ID: "inc-20260518T080000-a1b2c3", Organization: "org_1", LocationID: "loc_paris", Location: "paris-warehouse",
		State: state, OpenedAt: noon.Add(-2 * time.Hour), UpdatedAt: noon.Add(-time.Hour), IndexSince: noon.Add(-30 * 24 * time.Hour)}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func elsewhere(id, slug string) func(*incidentState) {
	return func(s *incidentState) { s.ID, s.Location, s.LocationID = id, slug, "loc_"+slug }
}

func gated(name, saw string) func(*incidentState) {
	return func(s *incidentState) {
		s.Gates = append(s.Gates, journal.Gate{Name: name, At: noon.Add(-time.Hour), Detail: saw})
		s.blocking = incident.Holds(s.Incident.ID, s.Gates)
	}
}

func counted(moved, left int, waiting map[journal.Reason]int) func(*incidentState) {
	return func(s *incidentState) {
		n := 0
		for _, of := range waiting {
			n += of
		}
		s.tally = journal.Tally{States: map[journal.State]int{journal.Reassigned: moved, journal.Left: left, journal.NeedsPerson: n},
			Reasons: map[journal.State]map[journal.Reason]int{journal.NeedsPerson: waiting}, Targets: map[string]int{}}
		if left > 0 {
			s.tally.Reasons[journal.Left] = map[journal.Reason]int{journal.Recovered: left}
		}
		if moved > 0 {
			s.tally.Targets = map[string]int{"lyon-warehouse": moved - 1, "lille-warehouse": 1}
		}
		if s.State == journal.Closed {
			s.Report = &journal.Report{Moved: moved, Targets: s.tally.Targets, Left: s.tally.Reasons[journal.Left], NeedsPerson: waiting,
				FirstAt: s.OpenedAt.Add(3 * time.Minute), LastAt: s.OpenedAt.Add(80 * time.Minute), LongestWait: 125, Requests: 213}
		}
	}
}

// stuck is an incident at whose location delivery orders are in flight.
func stuck(n int) func(*incidentState) {
	return func(s *incidentState) { s.inFlight = n }
}

// lifted is an incident that was stopped, and closed by an operator while its location still erred.
func lifted(s *incidentState) {
	s.ClosedAt, s.LiftedBy, s.Report.InProgress = noon.Add(-time.Minute), "ops", 1
}

func twice(orders ...string) func(*incidentState) {
	return func(s *incidentState) {
		waiting := map[journal.Reason]int{journal.ReleasedThenRejected: len(orders)}
		counted(0, 0, waiting)(s)
		for _, order := range orders {
			s.urgent = append(s.urgent, row{order, "do_" + strings.ToLower(order), journal.ReleasedThenRejected})
		}
	}
}

// ripe is an entry whose news has waited long enough.
func ripe(e notified) notified {
	e.Noticed = noon.Add(-gatherFor)
	return e
}

// messages are all that an operator may get: what is, and what was told of it, by the name of its golden file.
var messages = map[string]struct {
	subjects []incidentState
	known    map[string]notified
	change   func(*snapshot, *Settings)
}{
	"opened": {subjects: []incidentState{at(journal.Draining, stuck(66))}},
	"opened_some_found": {subjects: []incidentState{at(journal.Draining, stuck(66), counted(3, 1, map[journal.Reason]int{journal.NoCandidate: 2}))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {NeedsPerson: reviewCounts{journal.NoCandidate: 2}}}},
	"opened_without_console": {subjects: []incidentState{at(journal.Draining)},
		change: func(_ *snapshot, s *Settings) { s.Console = "" }},
	"opened_index_incomplete": {subjects: []incidentState{at(journal.Draining, func(s *incidentState) {
		s.IndexIncomplete, s.IndexSince = true, noon.Add(-26*time.Hour)
	})}},
	"opened_of_several_organizations": {subjects: []incidentState{at(journal.Draining)},
		change: func(v *snapshot, _ *Settings) { v.several = true }},
	"opened_three": {subjects: []incidentState{at(journal.Draining), at(journal.Watching, elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse")),
		at(journal.Draining, elsewhere("inc-20260518T080002-0a0b0c", "lille-warehouse"))}},
	"unconfirmed": {subjects: []incidentState{at(journal.Settling, stuck(66))}},
	"approval": {subjects: []incidentState{at(journal.AwaitingApproval, stuck(66), gated("size", "more than 200 delivery orders would move"),
		gated("mode", "approve"))}},
	"approval_of_several_organizations": {subjects: []incidentState{at(journal.AwaitingApproval, stuck(66), gated("mode", "approve"), func(s *incidentState) {
		s.IndexIncomplete = true
	})},
		change: func(v *snapshot, _ *Settings) { v.several = true }},
	"blocked_by_pause_of_several_organizations": {subjects: []incidentState{at(journal.Blocked, stuck(66), gated("pause", "paused"))},
		change: func(v *snapshot, _ *Settings) { v.several = true }},
	"urgent_of_several_organizations": {subjects: []incidentState{at(journal.Watching, twice("SO-10001"))},
		known:  map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}},
		change: func(v *snapshot, _ *Settings) { v.several = true }},
	"approval_two": {subjects: []incidentState{at(journal.AwaitingApproval, gated("mode", "approve")),
		at(journal.AwaitingApproval, gated("mode", "approve"), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse"))}},
	"approved": {subjects: []incidentState{at(journal.Draining, stuck(66), func(s *incidentState) { s.ApprovedBy = "ops" })},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: approval}}},
	"blocked_by_pause": {subjects: []incidentState{at(journal.Blocked, stuck(66), gated("pause", "paused"))}},
	"blocked_by_another_integration": {subjects: []incidentState{at(journal.Blocked, stuck(66), gated("second_observation", "integration int_2 in ACTIVE"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"blocked_by_canary": {subjects: []incidentState{at(journal.Blocked, gated("canary", "5 in a row were not confirmed"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"blocked_by_several": {subjects: []incidentState{at(journal.Blocked, gated("memory", "Redis lost the journal at 2026-05-18T07:00:00Z: import the orders, then approve"),
		gated("blast_radius", "3 of 3 known locations are under incident"), gated("pause", "paused"))}},
	"blocked_everywhere": {subjects: []incidentState{at(journal.Blocked, gated("blast_radius", "3 of 3 known locations are under incident")),
		at(journal.Blocked, gated("blast_radius", "3 of 3 known locations are under incident"), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse")),
		at(journal.Blocked, gated("blast_radius", "3 of 3 known locations are under incident"), elsewhere("inc-20260518T080002-0a0b0c", "lille-warehouse"))}},
	"goes_on": {subjects: []incidentState{at(journal.Draining)},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: blocked, Gate: "pause"}}},
	"stopped": {subjects: []incidentState{at(journal.Stopped, stuck(66))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"false_alarm": {subjects: []incidentState{at(journal.Dismissed)},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: unconfirmed}}},
	"closed": {subjects: []incidentState{at(journal.Closed, counted(40, 2, map[journal.Reason]int{journal.NoCandidate: 2, journal.AlreadyPreparing: 1}),
		func(s *incidentState) { s.ClosedAt = noon.Add(-time.Minute) })},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"closed_empty_on_a_young_index": {subjects: []incidentState{at(journal.Closed, counted(0, 0, nil),
		func(s *incidentState) {
			s.ClosedAt, s.IndexIncomplete, s.IndexSince = noon.Add(-time.Minute), true, time.Time{}
		})},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving, IndexIncomplete: true}}},
	"closed_two": {subjects: []incidentState{at(journal.Closed, counted(40, 2, nil), func(s *incidentState) { s.ClosedAt = noon }),
		at(journal.Closed, counted(3, 0, map[journal.Reason]int{journal.NoCandidate: 1}), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}, "inc-20260518T080001-d4e5f6": {Stage: moving}}},
	"closed_by_a_person": {subjects: []incidentState{at(journal.Closed, counted(2, 0, nil), lifted)},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: stopped}}},
	"closed_one_by_a_person": {subjects: []incidentState{at(journal.Closed, counted(2, 0, nil), lifted),
		at(journal.Closed, counted(3, 0, nil), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: stopped}, "inc-20260518T080001-d4e5f6": {Stage: moving}}},
	"index_became_incomplete": {subjects: []incidentState{at(journal.Draining, func(s *incidentState) { s.IndexIncomplete = true })},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"index_has_gaps": {subjects: []incidentState{at(journal.Draining, func(s *incidentState) {
		s.IndexIncomplete, s.Index.Gaps = true, []journal.Gap{{From: noon.Add(-3 * time.Hour), To: noon.Add(-2 * time.Hour)}, {From: noon.Add(-time.Hour)}}
	})},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"persons": {subjects: []incidentState{at(journal.Watching, counted(40, 0, map[journal.Reason]int{journal.NoCandidate: 9, journal.PolicyRule: 4, journal.OpenedNotEnabled: 1}))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving, WaitsSince: noon.Add(-time.Minute), NeedsPerson: reviewCounts{journal.NoCandidate: 3}}}},
	"persons_one": {subjects: []incidentState{at(journal.Watching, counted(40, 0, map[journal.Reason]int{journal.CancelUnconfirmed: 1}))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving, WaitsSince: noon.Add(-time.Minute)}}},
	"persons_at_two_locations": {subjects: []incidentState{at(journal.Watching, counted(40, 0, map[journal.Reason]int{journal.NoCandidate: 9, journal.PolicyRule: 4})),
		at(journal.Watching, counted(1, 0, map[journal.Reason]int{journal.FallbackSilent: 2}), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving, WaitsSince: noon.Add(-time.Minute)},
			"inc-20260518T080001-d4e5f6": {Stage: moving, WaitsSince: noon.Add(-time.Second)}}},
	"moving_and_not_all_approved": {subjects: []incidentState{at(journal.Draining, stuck(13), func(s *incidentState) {
		s.ApprovedBy, s.ByPlan, s.Plan = "ops", true, &journal.Plan{Orders: 13, Approved: 5}
	})},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: approval}}},
	"blocked_by_two_gates": {subjects: []incidentState{at(journal.Blocked, stuck(1), gated("pause", "paused")),
		at(journal.Blocked, gated("memory", "Redis lost the journal"), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse"))}},
	"closed_two_of_one_location": {subjects: []incidentState{at(journal.Closed, counted(40, 2, nil), func(s *incidentState) { s.ClosedAt = noon }),
		at(journal.Closed, counted(3, 0, nil), func(s *incidentState) { s.ID = "inc-20260518T080001-d4e5f6" })},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}, "inc-20260518T080001-d4e5f6": {Stage: moving}}},
	"persons_of_two_incidents_of_one_location": {subjects: []incidentState{at(journal.Closed, counted(40, 0, map[journal.Reason]int{journal.NoCandidate: 9})),
		at(journal.Watching, counted(1, 0, map[journal.Reason]int{journal.FallbackSilent: 2}), func(s *incidentState) { s.ID = "inc-20260518T080001-d4e5f6" })},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: over, WaitsSince: noon.Add(-time.Minute)},
			"inc-20260518T080001-d4e5f6": {Stage: moving, WaitsSince: noon.Add(-time.Second)}}},
	"urgent": {subjects: []incidentState{at(journal.Watching, twice("SO-10001"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving}}},
	"urgent_one_more": {subjects: []incidentState{at(journal.Watching, twice("SO-10001", "SO-10002", "SO-10003"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: moving, Urgent: []string{"do_so-10001", "do_so-10003"}}}},
	"urgent_three_after_the_end": {subjects: []incidentState{at(journal.Closed, twice("SO-10001", "SO-10002", "SO-10003"))}},
	"reminder": {subjects: []incidentState{at(journal.AwaitingApproval, stuck(66), gated("mode", "approve"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: approval, RemindedAt: noon.Add(-30 * time.Minute), Since: noon.Add(-90 * time.Minute)}}},
	"reminder_of_three": {subjects: []incidentState{at(journal.AwaitingApproval, gated("mode", "approve")),
		at(journal.Blocked, gated("pause", "paused"), elsewhere("inc-20260518T080001-d4e5f6", "lyon-warehouse")),
		at(journal.Watching, twice("SO-10001", "SO-10002"), elsewhere("inc-20260518T080002-0a0b0c", "lille-warehouse"))},
		known: map[string]notified{"inc-20260518T080000-a1b2c3": {Stage: approval, RemindedAt: noon.Add(-30 * time.Minute), Since: noon.Add(-90 * time.Minute)},
			"inc-20260518T080001-d4e5f6": {Stage: blocked, Gate: "pause", RemindedAt: noon.Add(-time.Minute), Since: noon.Add(-31 * time.Minute)},
			"inc-20260518T080002-0a0b0c": {Stage: moving, RemindedAt: noon.Add(-2 * time.Minute), Urgent: []string{"do_so-10001", "do_so-10002"}}}},
	"webhooks_silent": {change: func(v *snapshot, _ *Settings) {
		v.webhooks = webhookHealth{last: noon.Add(-72 * time.Minute), since: noon.Add(-100 * time.Hour), inFlight: 240}
	}},
	"webhooks_never_came": {change: func(v *snapshot, _ *Settings) {
		v.webhooks = webhookHealth{since: noon.Add(-60 * time.Minute), inFlight: 1}
	}},
	"webhooks_again": {known: map[string]notified{"webhooks": {Since: noon.Add(-3 * time.Hour)}},
		change: func(v *snapshot, _ *Settings) {
			v.webhooks = webhookHealth{last: noon, since: noon.Add(-100 * time.Hour)}
		}},
	"journal_lost": {change: func(v *snapshot, _ *Settings) { v.dataLostAt = noon.Add(-time.Minute) }},
	"redis_fills_up": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.memory = "", journal.RedisMemory{Used: 1782579200, Limit: 2147483648}
	}},
	"redis_has_room_again": {known: map[string]notified{"memory": {}}, change: func(v *snapshot, _ *Settings) {
		v.organization, v.memory = "", journal.RedisMemory{Used: 400 << 20, Limit: 800 << 20}
	}},
	"redis_evicts": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.memory = "", journal.RedisMemory{Used: 400 << 20, Limit: 800 << 20, EvictionPolicy: "allkeys-lru"}
	}},
	"redis_keeps_again": {known: map[string]notified{"eviction": {}}, change: func(v *snapshot, _ *Settings) {
		v.organization, v.memory = "", journal.RedisMemory{Used: 400 << 20, Limit: 800 << 20}
	}},
	"clock_apart": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.clocks = "", []happycolis.Clock{{Host: "Redis"}, {Host: "worker-1", Ahead: -2*time.Hour - 5*time.Second}}
	}},
	"clocks_apart": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.clocks = "", []happycolis.Clock{{Host: "Redis", Ahead: 12400 * time.Millisecond}, {Host: "worker-1", Ahead: 10 * time.Second}, {Host: "worker-2", Ahead: -42 * time.Second}}
	}},
	"clocks_agree_again": {known: map[string]notified{"clocks": {}}, change: func(v *snapshot, _ *Settings) {
		v.organization, v.clocks = "", []happycolis.Clock{{Host: "worker-1", Ahead: 5 * time.Second}}
	}},
	"organization_unserved": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.unserved = "", []journal.UnservedOrganization{{Organization: "org_1", Released: 12, Unsent: 5}, {Organization: "org_2", Released: 1}}
	}},
	"organization_served_again": {known: map[string]notified{"unserved": {}}, change: func(v *snapshot, _ *Settings) {
		v.organization = ""
	}},
	"signatures_wrong": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.wrongSignatures = "", []time.Time{noon.Add(-time.Minute), noon.Add(-2 * time.Minute), noon.Add(-9 * time.Minute)}
	}},
	"signatures_right_again": {known: map[string]notified{"signatures": {}}, change: func(v *snapshot, _ *Settings) { v.organization = "" }},
	"webhook_oversized": {change: func(v *snapshot, _ *Settings) {
		v.oversized = &intake.Parked{At: noon.Add(-5 * time.Minute), Size: 700 << 10}
	}},
	"policy_refused": {change: func(v *snapshot, _ *Settings) { v.organization, v.policyRefusedAt = "", noon.Add(-5*time.Minute) }},
	"spool_fails": {change: func(v *snapshot, _ *Settings) {
		v.organization, v.spoolFailures = "", []SpoolFailure{{Process: "host-1 (process 7)", Why: "the spool is full: max_bytes is reached"},
			{Process: "host-2 (process 9)", Why: "writing to the spool: mkdir /var/lib/reassigner/spool: read-only file system"}}
	}},
	"spool_keeps_again": {known: map[string]notified{"spool": {}}, change: func(v *snapshot, _ *Settings) { v.organization = "" }},
	"policy_accepted": {known: map[string]notified{"policy": {}}, change: func(v *snapshot, _ *Settings) {
		v.organization = ""
	}},
}

func TestEveryMessageReadsAsItsGoldenFile(t *testing.T) {
	t.Parallel()
	for name, m := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, said(t, m.subjects, m.known, m.change))
		})
	}
	golden(t, "trial", TestMessage())
}

// said returns the one message that is due.
func said(t *testing.T, subjects []incidentState, known map[string]notified, change func(*snapshot, *Settings)) Message {
	t.Helper()
	v, before, s := comparison(subjects, known, change)
	_, due := v.dueNotifications(before, s)
	if len(due) != 1 {
		t.Fatalf("%d messages are due, want 1: %+v", len(due), due)
	}
	return due[0].Message
}

// comparison is what is, and what was told before.
func comparison(subjects []incidentState, known map[string]notified, change func(*snapshot, *Settings)) (snapshot, map[string]notified, Settings) {
	v, s := snapshot{organization: "org_1", at: noon, complete: true, incidents: subjects}, choices
	if change != nil {
		change(&v, &s)
	}
	before := maps.Clone(known)
	if before == nil {
		before = map[string]notified{}
	}
	for _, subject := range subjects { // news of its stage is ripe
		before[subject.ID] = ripe(known[subject.ID])
		if _, tracked := known[subject.ID]; !tracked && !subject.State.IsOpen() {
			delete(before, subject.ID)
		}
	}
	return v, before, s
}

func golden(t *testing.T, name string, m Message) {
	t.Helper()
	if first, _, _ := strings.Cut(m.Text, "\n"); first != m.Title {
		t.Errorf("the first line is %q, want the title %q", first, m.Title)
	}
	file := filepath.Join("testdata", name+".txt")
	got := m.Text + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestNoGoldenFileIsLeftOver(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if _, used := messages[name]; !used && name != "trial" {
			t.Errorf("%s is no message's", file)
		}
	}
}
