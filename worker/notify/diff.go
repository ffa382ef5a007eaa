package notify

import (
	"reflect"
	"slices"
	"time"

	"happycolis-reassigner/worker/journal"
)

// stage is how far an incident is, as people need to know it; "": nothing was told.
type stage string

// The stages of an incident.
const (
	unconfirmed stage = "unconfirmed" // it settles much longer than it should: the location cannot be read
	approval    stage = "approval"
	blocked     stage = "blocked"
	moving      stage = "moving"
	stopped     stage = "stopped"
	over        stage = "closed"
	dismissed   stage = "dismissed"
)

// The stages of what is no incident.
const (
	silent  stage = "silent"
	full    stage = "full"
	refused stage = "refused"
	lost    stage = "lost"
	evicts  stage = "evicts"
	apart   stage = "apart"
	alone   stage = "unserved"
)

// Windows. What happens within one is one message.
const (
	unconfirmedAfter  = 2 * time.Minute  // behind the settle window
	gatherFor         = 30 * time.Second // news of incidents, from the first that is not told
	needsPersonDelay  = time.Minute      // delivery orders that need an operator, while others are still under way
	needsPersonRepeat = 10 * time.Minute // between two messages about them
)

// Redis is full, and no longer, at these shares of its limit.
const (
	fullAt   = 0.80
	fullDone = 0.75
)

// A clock of ours and the platform's are apart from the first, and no longer up to the second.
const (
	clocksApart = 10 * time.Second
	clocksClose = 5 * time.Second
)

// notification is one message, and what was told once it is sent.
type notification struct {
	Message
	onSent map[string]*notified // nil entries: nothing need be remembered any more
}

// dueNotifications compares what is with what was told: it returns what changed without a message being due, to be
// recorded first, and the messages that are due, the most urgent first.
func (v snapshot) dueNotifications(known map[string]notified, s Settings) (noted map[string]*notified, due []notification) {
	if !v.complete {
		return nil, nil
	}
	if v.organization == "" {
		return nil, v.dueRedisNotifications(known, s)
	}
	n := &diff{snapshot: v, Settings: s, noted: map[string]*notified{}, entries: map[string]notified{}}
	for about := range known {
		if about != aboutWebhooks && about != aboutJournal && !slices.ContainsFunc(v.incidents, func(s incidentState) bool { return s.ID == about }) {
			n.noted[about] = nil
		}
	}
	for _, s := range v.incidents {
		n.updateEntry(s, known)
	}
	n.diffUrgent()
	n.diffJournal(known[aboutJournal])
	n.diffStages()
	n.diffNeedsPerson()
	n.diffReminders()
	n.diffWebhooks(known[aboutWebhooks])
	return n.noted, n.due
}

// diff is one comparison at work. entries are what was told, brought forward by each message.
type diff struct {
	snapshot
	Settings
	noted   map[string]*notified
	entries map[string]notified
	due     []notification
}

// updateEntry brings the entry of one incident up to date as far as no message is needed for it, and notes since
// when there is news.
func (n *diff) updateEntry(s incidentState, known map[string]notified) {
	before, tracked := known[s.ID]
	e := before
	at := n.stageOf(s)
	if !tracked && !s.State.IsOpen() {
		e.Stage = at // it was over before anybody was told: only who waits is news
	}
	done := at == over && e.Stage == over || at == dismissed && (e.Stage == dismissed || e.Stage == "")
	if done && s.tally.States[journal.NeedsPerson] == 0 {
		if tracked {
			n.noted[s.ID] = nil
		}
		return
	}
	e.Noticed = trueSince(e.Noticed, n.isStageNews(s, e), n.at)
	e.NeedsPerson = e.NeedsPerson.atMost(s.countNeedsPerson())
	e.WaitsSince = trueSince(e.WaitsSince, e.NeedsPerson.hasGrown(s.countNeedsPerson()), n.at)
	e.Urgent = slices.DeleteFunc(slices.Clone(e.Urgent), func(id string) bool {
		return !slices.ContainsFunc(s.urgent, func(r row) bool { return r.deliveryOrder == id })
	})
	n.entries[s.ID] = e
	if !tracked || !reflect.DeepEqual(normalized(before), normalized(e)) {
		n.noted[s.ID] = &e
	}
}

// normalized is an entry without the difference between nothing and empty.
func normalized(t notified) notified {
	if len(t.Urgent) == 0 {
		t.Urgent = nil
	}
	if len(t.NeedsPerson) == 0 {
		t.NeedsPerson = nil
	}
	return t
}

// trueSince is the moment at which something that is true began to be; zero where it is not.
func trueSince(before time.Time, is bool, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

func (n *diff) stageOf(s incidentState) stage {
	switch s.State {
	case journal.Settling:
		if n.at.Sub(s.OpenedAt) > n.Settle+unconfirmedAfter {
			return unconfirmed
		}
		return ""
	case journal.AwaitingApproval:
		return approval
	case journal.Blocked:
		return blocked
	case journal.Draining, journal.Watching:
		return moving
	case journal.Stopped:
		return stopped
	case journal.Closed:
		return over
	case journal.Dismissed:
		return dismissed
	}
	return ""
}

// isStageNews reports whether the stage of an incident, or what makes its numbers doubtful, is news.
func (n *diff) isStageNews(s incidentState, e notified) bool {
	at := n.stageOf(s)
	if at == "" || at == dismissed && e.Stage == "" {
		return false
	}
	return at != e.Stage || at == blocked && s.blockingGate().Gate != e.Gate || s.IndexIncomplete && !e.IndexIncomplete
}

// queue adds a message about some incidents; after changes what is told of each.
func (n *diff) queue(m Message, about []incidentState, after func(incidentState, *notified)) {
	then := map[string]*notified{}
	for _, s := range about {
		e := n.entries[s.ID]
		after(s, &e)
		n.entries[s.ID] = e
		then[s.ID] = &e
		if e.Stage == over && s.tally.States[journal.NeedsPerson] == 0 || e.Stage == dismissed {
			then[s.ID] = nil
		}
	}
	n.due = append(n.due, notification{m, then})
}

// selectIncidents returns the incidents for which is holds.
func (n *diff) selectIncidents(is func(incidentState, notified) bool) []incidentState {
	var some []incidentState
	for _, s := range n.incidents {
		if e, ok := n.entries[s.ID]; ok && is(s, e) {
			some = append(some, s)
		}
	}
	return some
}

// diffUrgent tells at once of delivery orders that two may ship.
func (n *diff) diffUrgent() {
	about := n.selectIncidents(func(s incidentState, e notified) bool {
		return slices.ContainsFunc(s.urgent, func(r row) bool { return !slices.Contains(e.Urgent, r.deliveryOrder) })
	})
	if len(about) == 0 {
		return
	}
	n.queue(n.urgentText(about), about, func(s incidentState, e *notified) {
		e.RemindedAt = n.at
		e.Urgent = nil
		for _, r := range s.urgent {
			e.Urgent = append(e.Urgent, r.deliveryOrder)
		}
	})
}

// diffStages tells how far incidents are, one message for each stage, once the first news waited long enough.
func (n *diff) diffStages() {
	ripe := n.selectIncidents(func(_ incidentState, e notified) bool { return !e.Noticed.IsZero() && n.at.Sub(e.Noticed) >= gatherFor })
	if len(ripe) == 0 {
		return
	}
	for _, at := range []stage{blocked, approval, unconfirmed, moving, stopped, dismissed, over} {
		about := n.selectIncidents(func(s incidentState, e notified) bool { return !e.Noticed.IsZero() && n.stageOf(s) == at })
		if len(about) == 0 {
			continue
		}
		n.queue(n.stageText(at, about), about, func(s incidentState, e *notified) {
			noticed := e.Noticed
			e.Stage, e.Noticed, e.IndexIncomplete, e.Gate = at, time.Time{}, e.IndexIncomplete || s.IndexIncomplete, ""
			switch at {
			case blocked:
				e.Gate, e.RemindedAt, e.Since = s.blockingGate().Gate, n.at, noticed
			case approval:
				e.RemindedAt, e.Since = n.at, noticed
			case over: // the report has the numbers
				e.NeedsPerson, e.WaitsSince, e.Counted = s.countNeedsPerson(), time.Time{}, n.at
			default:
			}
		})
	}
}

// diffNeedsPerson tells how many delivery orders need an operator, and why: never one by one.
func (n *diff) diffNeedsPerson() {
	waits := func(_ incidentState, e notified) bool { return !e.WaitsSince.IsZero() }
	ripe := n.selectIncidents(func(s incidentState, e notified) bool {
		if !waits(s, e) || !e.Counted.IsZero() && n.at.Sub(e.Counted) < needsPersonRepeat {
			return false
		}
		still := s.tally.InProgress() == 0
		return n.at.Sub(e.WaitsSince) >= needsPersonDelay || still && n.at.Sub(e.WaitsSince) >= gatherFor
	})
	if len(ripe) == 0 {
		return
	}
	about := n.selectIncidents(waits)
	n.queue(n.needsPersonText(about), about, func(s incidentState, e *notified) {
		e.NeedsPerson, e.WaitsSince, e.Counted = s.countNeedsPerson(), time.Time{}, n.at
	})
}

// diffReminders say again what waits for an operator, all of it in one message.
func (n *diff) diffReminders() {
	waits := func(s incidentState, e notified) bool {
		at := n.stageOf(s)
		return at == e.Stage && (at == approval || at == blocked) || len(e.Urgent) > 0
	}
	ripe := n.selectIncidents(func(s incidentState, e notified) bool { return waits(s, e) && n.at.Sub(e.RemindedAt) >= n.Remind })
	if len(ripe) == 0 {
		return
	}
	about := n.selectIncidents(waits)
	n.queue(n.reminderText(about), about, func(_ incidentState, e *notified) { e.RemindedAt = n.at })
}

// diffWebhooks tells that none comes although some should, reminds of it, and tells when they come again.
func (n *diff) diffWebhooks(e notified) {
	h := n.snapshot.webhooks
	quiet := !h.silentSince().IsZero() && n.at.Sub(h.silentSince()) >= n.Silence
	switch {
	case quiet && h.inFlight > 0 && (e.Stage != silent || n.at.Sub(e.RemindedAt) >= n.Remind):
		e = notified{Stage: silent, Since: h.silentSince(), RemindedAt: n.at}
		n.due = append(n.due, notification{n.silenceText(), map[string]*notified{aboutWebhooks: &e}})
	case !quiet && e.Stage == silent:
		n.due = append(n.due, notification{n.heardText(e.Since), map[string]*notified{aboutWebhooks: nil}})
	case quiet && h.inFlight == 0 && e.Stage == silent:
		n.noted[aboutWebhooks] = nil // nothing is expected any more
	}
}

// diffJournal tells that Redis lost what was under way, until the orders are imported again.
func (n *diff) diffJournal(e notified) {
	switch {
	case !n.dataLostAt.IsZero() && (e.Stage != lost || n.at.Sub(e.RemindedAt) >= n.Remind):
		e = notified{Stage: lost, RemindedAt: n.at}
		n.due = append(n.due, notification{n.lostText(), map[string]*notified{aboutJournal: &e}})
	case n.dataLostAt.IsZero() && e.Stage == lost:
		n.noted[aboutJournal] = nil
	}
}

// dueRedisNotifications tells of what belongs to no organization.
func (v snapshot) dueRedisNotifications(known map[string]notified, s Settings) (due []notification) {
	about := func(name string, at stage, is, isNot bool, yes, no func(since time.Time) Message) {
		e := known[name]
		switch {
		case is && (e.Stage != at || v.at.Sub(e.RemindedAt) >= s.Remind):
			e = notified{Stage: at, Since: trueSince(e.Since, true, v.at), RemindedAt: v.at}
			due = append(due, notification{yes(e.Since), map[string]*notified{name: &e}})
		case isNot && e.Stage == at:
			due = append(due, notification{no(e.Since), map[string]*notified{name: nil}})
		}
	}
	share := v.memory.UsedShare()
	about(aboutRedisMemory, full, share >= fullAt, share < fullDone, v.fullText, v.notFullText)
	about(aboutEviction, evicts, v.memory.EvictionPolicy != "", v.memory.EvictionPolicy == "", v.evictsText, v.keepsText)
	about(aboutUnserved, alone, len(v.unserved) > 0, len(v.unserved) == 0, v.unservedText, v.servedText)
	about(aboutPolicy, refused, !v.policyRefusedAt.IsZero(), v.policyRefusedAt.IsZero(), v.refusedText(s), v.acceptedText)
	measured := len(v.clocks) > 0
	about(aboutClocks, apart, len(v.clocksOff(clocksApart)) > 0, measured && len(v.clocksOff(clocksClose)) == 0, v.apartText, v.agreeText)
	return due
}
