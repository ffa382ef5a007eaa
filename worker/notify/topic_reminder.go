package notify

import (
	"fmt"

	"happycolis-reassigner/worker/wording"
)

// reminderTopic says again what waits for an operator, all of it in one message.
func reminderTopic() topic {
	return topic{key: "reminder", gather: (*Alerts).gatherIncidents, news: incidentNews{
		diff: (*diff).diffReminders,
		text: (*diff).reminderText,
		sent: func(n *diff, _ incidentState, e *notified) { e.RemindedAt = n.at },
	}}
}

func (n *diff) diffReminders() [][]incidentState {
	waits := func(s incidentState, e notified) bool {
		at := n.stageOf(s)
		return at == e.Stage && (at == approval || at == blocked) || len(e.Urgent) > 0
	}
	ripe := n.selectIncidents(func(s incidentState, e notified) bool { return waits(s, e) && n.at.Sub(e.RemindedAt) >= n.Remind })
	if len(ripe) == 0 {
		return nil
	}
	return [][]incidentState{n.selectIncidents(waits)}
}

// reminderText says what waits for an operator.
func (n *diff) reminderText(about []incidentState) Message {
	list := lineForEach(about, func(s incidentState) string {
		e := n.entries[s.ID]
		switch {
		case len(e.Urgent) > 0:
			return fmt.Sprintf("%s: URGENT, %s may be shipped twice. Look: reassigner orders list --incident %s --needs-person",
				s.locationLabel(), wording.Count(len(e.Urgent), "delivery order", "delivery orders"), s.ID)
		case e.Stage == approval:
			return fmt.Sprintf(`%s waits for approval since %s, %s. Approve: reassigner incidents approve %s --reason "WHY"`, s.locationLabel(), n.timeAgo(e.Since), stuckWords(s), s.ID)
		default:
			return fmt.Sprintf("%s is blocked by the gate %s since %s, %s. Look: reassigner incidents show %s", s.locationLabel(), e.Gate, n.timeAgo(e.Since), stuckWords(s), s.ID)
		}
	})
	return n.message("Reminder: "+locationsLabel(about)+" still "+map[bool]string{true: "waits", false: "wait"}[countLocations(about) == 1]+" for a person", list, n.link(about))
}
