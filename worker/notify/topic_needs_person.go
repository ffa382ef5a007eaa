package notify

import (
	"fmt"
	"time"

	"happycolis-reassigner/worker/wording"
)

// Delivery orders that need an operator are told of after these.
const (
	needsPersonDelay  = time.Minute      // while others are still under way
	needsPersonRepeat = 10 * time.Minute // between two messages about them
)

// needsPersonTopic tells how many delivery orders need an operator, and why: never one by one.
func needsPersonTopic() topic {
	return topic{key: "needs_person", gather: (*Alerts).gatherIncidents, news: incidentNews{
		refresh: func(n *diff, s incidentState, e *notified) {
			e.NeedsPerson = e.NeedsPerson.atMost(s.countNeedsPerson())
			e.WaitsSince = trueSince(e.WaitsSince, e.NeedsPerson.hasGrown(s.countNeedsPerson()), n.at)
		},
		diff: (*diff).diffNeedsPerson,
		text: (*diff).needsPersonText,
		sent: func(n *diff, s incidentState, e *notified) {
			e.NeedsPerson, e.WaitsSince, e.Counted = s.countNeedsPerson(), time.Time{}, n.at
		},
	}}
}

func (n *diff) diffNeedsPerson() [][]incidentState {
	waits := func(_ incidentState, e notified) bool { return !e.WaitsSince.IsZero() }
	ripe := n.selectIncidents(func(s incidentState, e notified) bool {
		if !waits(s, e) || !e.Counted.IsZero() && n.at.Sub(e.Counted) < needsPersonRepeat {
			return false
		}
		still := s.tally.InProgress() == 0
		return n.at.Sub(e.WaitsSince) >= needsPersonDelay || still && n.at.Sub(e.WaitsSince) >= gatherFor
	})
	if len(ripe) == 0 {
		return nil
	}
	return [][]incidentState{n.selectIncidents(waits)}
}

// needsPersonText says how many delivery orders need an operator, and why.
func (n *diff) needsPersonText(about []incidentState) Message {
	sum, news := 0, 0
	for _, s := range about {
		sum += s.countNeedsPerson().sum()
		news += s.countNeedsPerson().sum() - n.entries[s.ID].NeedsPerson.sum()
	}
	count := wording.Count(sum, "delivery order needs", "delivery orders need") + " a person"
	if news < sum {
		count += fmt.Sprintf(" (%d new)", news)
	}
	title := locationsLabel(about) + ": " + count
	if len(about) > 1 {
		list := lineForEach(about, func(s incidentState) string {
			return fmt.Sprintf("%s (%s): %s", s.locationLabel(), s.ID, reasonWords(s.countNeedsPerson()))
		})
		return n.message(title, list, "List them: reassigner orders list --needs-person"+n.inOrganization(), retryAdvice("INCIDENT"), n.link(about))
	}
	s := about[0]
	return n.message(title, reasonLines(s.countNeedsPerson()), "List them: reassigner orders list --incident "+s.ID+" --needs-person",
		retryAdvice(s.ID), n.link(about))
}

func retryAdvice(incident string) string {
	return "Once the cause is gone: reassigner orders retry --incident " + incident + " --reason-code CODE --reason \"WHY\"\n" +
		"Where it should stay: reassigner orders leave, in the same way."
}
