package notify

import (
	"reflect"
	"slices"
	"time"

	"happycolis-reassigner/worker/journal"
)

// gatherFor is how long news waits for more, from the first that is not told: what happens meanwhile is one message.
const gatherFor = 30 * time.Second

// notification is one message, and what was told once it is sent.
type notification struct {
	Message
	onSent map[string]*notified // nil entries: nothing need be remembered any more
}

// diff is one comparison at work, of what is with what was told. entries are what was told of incidents, brought forward by
// each message.
type diff struct {
	snapshot
	Settings
	known   map[string]notified
	noted   map[string]*notified
	entries map[string]notified
	due     []notification
}

// dueNotifications compares what is with what was told, topic by topic: it returns what changed without a message being due,
// to be recorded first, and the messages that are due, the most urgent first.
func (v snapshot) dueNotifications(known map[string]notified, s Settings) (noted map[string]*notified, due []notification) {
	if !v.complete {
		return nil, nil
	}
	n := v.compareWith(known, s)
	for _, t := range v.ownTopics() {
		t.news.queueDue(n, t.key)
	}
	return n.noted, n.due
}

// compareWith brings what was told up to date as far as no message is needed for it.
func (v snapshot) compareWith(known map[string]notified, s Settings) *diff {
	n := &diff{snapshot: v, Settings: s, known: known, noted: map[string]*notified{}, entries: map[string]notified{}}
	for about := range known {
		if !isTopic(about) && !slices.ContainsFunc(v.incidents, func(s incidentState) bool { return s.ID == about }) {
			n.noted[about] = nil
		}
	}
	for _, s := range v.incidents {
		n.updateEntry(s)
	}
	return n
}

// updateEntry brings the entry of one incident up to date as far as no message is needed for it, and notes since
// when there is news.
func (n *diff) updateEntry(s incidentState) {
	before, tracked := n.known[s.ID]
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
	for _, t := range n.ownTopics() {
		if about, is := t.news.(incidentNews); is && about.refresh != nil {
			about.refresh(n, s, &e)
		}
	}
	n.entries[s.ID] = e
	if !tracked || !reflect.DeepEqual(withoutEmptyLists(before), withoutEmptyLists(e)) {
		n.noted[s.ID] = &e
	}
}

// withoutEmptyLists is an entry without the difference between nothing and empty.
func withoutEmptyLists(t notified) notified {
	if len(t.Urgent) == 0 {
		t.Urgent = nil
	}
	if len(t.NeedsPerson) == 0 {
		t.NeedsPerson = nil
	}
	if len(t.ToldAt) == 0 {
		t.ToldAt = nil
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
