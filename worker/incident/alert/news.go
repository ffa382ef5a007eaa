package alert

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
	unconfirmedAfter = 2 * time.Minute  // behind the settle window
	gatherFor        = 30 * time.Second // news of incidents, from the first that is not told
	personsFor       = time.Minute      // delivery orders that need a person, while others are still under way
	personsAgain     = 10 * time.Minute // between two messages about them
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

// notice is one message, and what was told once it is sent.
type notice struct {
	Message
	then map[string]*told // nil entries: nothing need be remembered any more
}

// news compares what is with what was told: it returns what changed without a message being due, to be
// recorded first, and the messages that are due, the most urgent first.
func (v view) news(known map[string]told, s Settings) (noted map[string]*told, due []notice) {
	if !v.whole {
		return nil, nil
	}
	if v.organization == "" {
		return nil, v.ofRedis(known, s)
	}
	n := &comparison{view: v, Settings: s, noted: map[string]*told{}, entries: map[string]told{}}
	for about := range known {
		if about != aboutWebhooks && about != aboutJournal && !slices.ContainsFunc(v.subjects, func(s subject) bool { return s.ID == about }) {
			n.noted[about] = nil
		}
	}
	for _, s := range v.subjects {
		n.notice(s, known)
	}
	n.urgent()
	n.journal(known[aboutJournal])
	n.stages()
	n.persons()
	n.reminders()
	n.webhooks(known[aboutWebhooks])
	return n.noted, n.due
}

// comparison is one comparison at work. entries are what was told, brought forward by each message.
type comparison struct {
	view
	Settings
	noted   map[string]*told
	entries map[string]told
	due     []notice
}

// notice brings the entry of one incident up to date as far as no message is needed for it, and notes since
// when there is news.
func (n *comparison) notice(s subject, known map[string]told) {
	before, tracked := known[s.ID]
	e := before
	at := n.stageOf(s)
	if !tracked && !s.State.Open() {
		e.Stage = at // it was over before anybody was told: only who waits is news
	}
	done := at == over && e.Stage == over || at == dismissed && (e.Stage == dismissed || e.Stage == "")
	if done && s.tally.States[journal.NeedsPerson] == 0 {
		if tracked {
			n.noted[s.ID] = nil
		}
		return
	}
	e.Noticed = since(e.Noticed, n.changed(s, e), n.at)
	e.Persons = e.Persons.atMost(s.waiting())
	e.Waits = since(e.Waits, e.Persons.fewer(s.waiting()), n.at)
	e.Urgent = slices.DeleteFunc(slices.Clone(e.Urgent), func(id string) bool {
		return !slices.ContainsFunc(s.urgent, func(r row) bool { return r.deliveryOrder == id })
	})
	n.entries[s.ID] = e
	if !tracked || !reflect.DeepEqual(normal(before), normal(e)) {
		n.noted[s.ID] = &e
	}
}

// normal is an entry without the difference between nothing and empty.
func normal(t told) told {
	if len(t.Urgent) == 0 {
		t.Urgent = nil
	}
	if len(t.Persons) == 0 {
		t.Persons = nil
	}
	return t
}

// since is the moment at which something that is true began to be; zero where it is not.
func since(before time.Time, is bool, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

func (n *comparison) stageOf(s subject) stage {
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

// changed reports whether the stage of an incident, or what makes its numbers doubtful, is news.
func (n *comparison) changed(s subject, e told) bool {
	at := n.stageOf(s)
	if at == "" || at == dismissed && e.Stage == "" {
		return false
	}
	return at != e.Stage || at == blocked && s.gate().Gate != e.Gate || s.IndexShort && !e.Short
}

// say adds a message about some incidents; after changes what is told of each.
func (n *comparison) say(m Message, about []subject, after func(subject, *told)) {
	then := map[string]*told{}
	for _, s := range about {
		e := n.entries[s.ID]
		after(s, &e)
		n.entries[s.ID] = e
		then[s.ID] = &e
		if e.Stage == over && s.tally.States[journal.NeedsPerson] == 0 || e.Stage == dismissed {
			then[s.ID] = nil
		}
	}
	n.due = append(n.due, notice{m, then})
}

// some returns the incidents for which is holds.
func (n *comparison) some(is func(subject, told) bool) []subject {
	var some []subject
	for _, s := range n.subjects {
		if e, ok := n.entries[s.ID]; ok && is(s, e) {
			some = append(some, s)
		}
	}
	return some
}

// urgent tells at once of delivery orders that two may ship.
func (n *comparison) urgent() {
	about := n.some(func(s subject, e told) bool {
		return slices.ContainsFunc(s.urgent, func(r row) bool { return !slices.Contains(e.Urgent, r.deliveryOrder) })
	})
	if len(about) == 0 {
		return
	}
	n.say(n.urgentText(about), about, func(s subject, e *told) {
		e.Asked = n.at
		e.Urgent = nil
		for _, r := range s.urgent {
			e.Urgent = append(e.Urgent, r.deliveryOrder)
		}
	})
}

// stages tells how far incidents are, one message for each stage, once the first news waited long enough.
func (n *comparison) stages() {
	ripe := n.some(func(_ subject, e told) bool { return !e.Noticed.IsZero() && n.at.Sub(e.Noticed) >= gatherFor })
	if len(ripe) == 0 {
		return
	}
	for _, at := range []stage{blocked, approval, unconfirmed, moving, stopped, dismissed, over} {
		about := n.some(func(s subject, e told) bool { return !e.Noticed.IsZero() && n.stageOf(s) == at })
		if len(about) == 0 {
			continue
		}
		n.say(n.stageText(at, about), about, func(s subject, e *told) {
			noticed := e.Noticed
			e.Stage, e.Noticed, e.Short, e.Gate = at, time.Time{}, e.Short || s.IndexShort, ""
			switch at {
			case blocked:
				e.Gate, e.Asked, e.Since = s.gate().Gate, n.at, noticed
			case approval:
				e.Asked, e.Since = n.at, noticed
			case over: // the report has the numbers
				e.Persons, e.Waits, e.Counted = s.waiting(), time.Time{}, n.at
			default:
			}
		})
	}
}

// persons tells how many delivery orders need a person, and why: never one by one.
func (n *comparison) persons() {
	waits := func(_ subject, e told) bool { return !e.Waits.IsZero() }
	ripe := n.some(func(s subject, e told) bool {
		if !waits(s, e) || !e.Counted.IsZero() && n.at.Sub(e.Counted) < personsAgain {
			return false
		}
		still := s.tally.UnderWay() == 0
		return n.at.Sub(e.Waits) >= personsFor || still && n.at.Sub(e.Waits) >= gatherFor
	})
	if len(ripe) == 0 {
		return
	}
	about := n.some(waits)
	n.say(n.personsText(about), about, func(s subject, e *told) {
		e.Persons, e.Waits, e.Counted = s.waiting(), time.Time{}, n.at
	})
}

// reminders say again what waits for a person, all of it in one message.
func (n *comparison) reminders() {
	waits := func(s subject, e told) bool {
		at := n.stageOf(s)
		return at == e.Stage && (at == approval || at == blocked) || len(e.Urgent) > 0
	}
	ripe := n.some(func(s subject, e told) bool { return waits(s, e) && n.at.Sub(e.Asked) >= n.Remind })
	if len(ripe) == 0 {
		return
	}
	about := n.some(waits)
	n.say(n.reminderText(about), about, func(_ subject, e *told) { e.Asked = n.at })
}

// webhooks tells that none comes although some should, reminds of it, and tells when they come again.
func (n *comparison) webhooks(e told) {
	h := n.view.webhooks
	quiet := !h.heard().IsZero() && n.at.Sub(h.heard()) >= n.Silence
	switch {
	case quiet && h.inFlight > 0 && (e.Stage != silent || n.at.Sub(e.Asked) >= n.Remind):
		e = told{Stage: silent, Since: h.heard(), Asked: n.at}
		n.due = append(n.due, notice{n.silenceText(), map[string]*told{aboutWebhooks: &e}})
	case !quiet && e.Stage == silent:
		n.due = append(n.due, notice{n.heardText(e.Since), map[string]*told{aboutWebhooks: nil}})
	case quiet && h.inFlight == 0 && e.Stage == silent:
		n.noted[aboutWebhooks] = nil // nothing is expected any more
	}
}

// journal tells that Redis lost what was under way, until the orders are imported again.
func (n *comparison) journal(e told) {
	switch {
	case !n.lost.IsZero() && (e.Stage != lost || n.at.Sub(e.Asked) >= n.Remind):
		e = told{Stage: lost, Asked: n.at}
		n.due = append(n.due, notice{n.lostText(), map[string]*told{aboutJournal: &e}})
	case n.lost.IsZero() && e.Stage == lost:
		n.noted[aboutJournal] = nil
	}
}

// ofRedis tells of what belongs to no organization.
func (v view) ofRedis(known map[string]told, s Settings) (due []notice) {
	about := func(name string, at stage, is, isNot bool, yes, no func(since time.Time) Message) {
		e := known[name]
		switch {
		case is && (e.Stage != at || v.at.Sub(e.Asked) >= s.Remind):
			e = told{Stage: at, Since: since(e.Since, true, v.at), Asked: v.at}
			due = append(due, notice{yes(e.Since), map[string]*told{name: &e}})
		case isNot && e.Stage == at:
			due = append(due, notice{no(e.Since), map[string]*told{name: nil}})
		}
	}
	share := v.space.Share()
	about(aboutMemory, full, share >= fullAt, share < fullDone, v.fullText, v.notFullText)
	about(aboutEviction, evicts, v.space.Evict != "", v.space.Evict == "", v.evictsText, v.keepsText)
	about(aboutUnserved, alone, len(v.unserved) > 0, len(v.unserved) == 0, v.unservedText, v.servedText)
	about(aboutPolicy, refused, !v.refused.IsZero(), v.refused.IsZero(), v.refusedText(s), v.acceptedText)
	measured := len(v.clocks) > 0
	about(aboutClocks, apart, len(v.wrong(clocksApart)) > 0, measured && len(v.wrong(clocksClose)) == 0, v.apartText, v.agreeText)
	return due
}
