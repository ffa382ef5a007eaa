package notify

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/worker/journal"
)

// topics is the table of all that people are told of, the most urgent first: messages go out in this order. Each row
// stands in topic_<key>.go, with what it reads, compares and says.
func topics() []topic {
	return []topic{
		urgentTopic(), journalTopic(), stageTopic(), needsPersonTopic(), reminderTopic(), webhooksTopic(), signaturesTopic(),
		oversizedTopic(), memoryTopic(), evictionTopic(), unservedTopic(), spoolTopic(), policyTopic(), clocksTopic(),
	}
}

// ownTopics are the topics that a snapshot is read for.
func (v snapshot) ownTopics() []topic {
	return slices.DeleteFunc(topics(), func(t topic) bool { return t.shared != (v.organization == "") })
}

// topic is one row of the table. To add one: CONTRIBUTING.md, an alert.
type topic struct {
	key    string // names its file, and its row in docs/operations.md; what was told of a condition is kept under it
	shared bool   // it is about Redis or the whole worker, and not about one organization
	// gather reads into the snapshot what diff compares, a bounded amount, unless another topic has read it. After an
	// error nobody is told anything of that organization in this round, since what was not read is not over.
	gather func(a *Alerts, ctx context.Context, v *snapshot) error
	news   news
}

// news finds what is due of a topic. It is an incidentNews or a condition.
type news interface {
	// queueDue adds to n.due the messages, with what is remembered once each is sent.
	queueDue(n *diff, key string)
}

// isTopic reports whether something that was told of is a topic; else it is an incident.
func isTopic(about string) bool {
	return slices.ContainsFunc(topics(), func(t topic) bool { return t.key == about })
}

// condition is news of what begins, lasts and ends. Its beginning is told, again every alerts.remind as long as it lasts,
// and its end.
type condition struct {
	diff    func(n *diff) standing
	text    func(n *diff) Message
	endText func(n *diff) Message // of its end, before it is forgotten; nil: diff never answers ended
}

// standing is how a condition is now. The zero value leaves it as it was told: between two limits, or where nothing was
// measured.
type standing struct {
	lasts  bool
	ended  bool
	forget bool      // it is of no interest any more: nothing is told, and it may begin anew
	since  time.Time // when it began, if the text of its end says it
}

// lastsWhile is the standing of a condition that either lasts or has ended.
func lastsWhile(is bool) standing { return standing{lasts: is, ended: !is} }

// fixedText is a text without anything in it that was read.
func fixedText(title string) func(*diff) Message {
	return func(n *diff) Message { return n.message(title) }
}

func (c condition) queueDue(n *diff, key string) {
	e, told := n.known[key]
	now := c.diff(n)
	switch {
	case now.lasts && (!told || n.at.Sub(e.RemindedAt) >= n.Remind):
		e = notified{Since: now.since, RemindedAt: n.at}
		n.due = append(n.due, notification{c.text(n), map[string]*notified{key: &e}})
	case now.ended && told:
		n.due = append(n.due, notification{c.endText(n), map[string]*notified{key: nil}})
	case now.forget && told:
		n.noted[key] = nil
	}
}

// incidentNews is news of incidents. What is remembered of an incident is one entry, which these topics share.
type incidentNews struct {
	refresh func(n *diff, s incidentState, e *notified) // brings the entry up to date where no message is needed; nil: nothing
	diff    func(n *diff) [][]incidentState             // the incidents of each message that is due
	text    func(n *diff, about []incidentState) Message
	sent    func(n *diff, s incidentState, e *notified) // enters that the message was sent
}

func (t incidentNews) queueDue(n *diff, _ string) {
	for _, about := range t.diff(n) {
		if len(about) == 0 {
			continue
		}
		message := notification{t.text(n, about), map[string]*notified{}}
		for _, s := range about {
			e := n.entries[s.ID]
			t.sent(n, s, &e)
			n.entries[s.ID] = e
			message.onSent[s.ID] = &e
			if e.Stage == over && s.tally.States[journal.NeedsPerson] == 0 || e.Stage == dismissed {
				message.onSent[s.ID] = nil
			}
		}
		n.due = append(n.due, message)
	}
}
