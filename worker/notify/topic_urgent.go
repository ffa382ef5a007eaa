package notify

import (
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/wording"
)

// maxUrgent bounds the delivery orders that are named in a message.
const maxUrgent = 20

// urgentTopic tells at once of delivery orders that two may ship.
func urgentTopic() topic {
	return topic{key: "urgent", gather: (*Alerts).gatherIncidents, news: incidentNews{
		refresh: func(_ *diff, s incidentState, e *notified) {
			e.Urgent = slices.DeleteFunc(slices.Clone(e.Urgent), func(id string) bool {
				return !slices.ContainsFunc(s.urgent, func(r row) bool { return r.deliveryOrder == id })
			})
		},
		diff: func(n *diff) [][]incidentState {
			return [][]incidentState{n.selectIncidents(func(s incidentState, e notified) bool {
				return slices.ContainsFunc(s.urgent, func(r row) bool { return !slices.Contains(e.Urgent, r.deliveryOrder) })
			})}
		},
		text: (*diff).urgentText,
		sent: func(n *diff, s incidentState, e *notified) {
			e.RemindedAt = n.at
			e.Urgent = nil
			for _, r := range s.urgent {
				e.Urgent = append(e.Urgent, r.deliveryOrder)
			}
		},
	}}
}

// urgentText names the delivery orders that two may ship and that were not told of yet, and counts the others.
func (n *diff) urgentText(about []incidentState) Message {
	var fresh []row
	sum := 0
	for _, s := range about {
		for reason, count := range s.tally.Reasons[journal.NeedsPerson] {
			if reason.IsUrgent() {
				sum += count
			}
		}
		for _, r := range s.urgent {
			if !slices.Contains(n.entries[s.ID].Urgent, r.deliveryOrder) {
				fresh = append(fresh, r)
			}
		}
	}
	var lines []string
	for _, r := range fresh[:min(len(fresh), maxUrgent)] {
		lines = append(lines, "- "+orderLabel(r)+": "+string(r.reason)+", "+strings.TrimPrefix(r.reason.Meaning(), "URGENT: "))
	}
	if rest := len(fresh) - len(lines); rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	if known := sum - len(fresh); known > 0 {
		lines = append(lines, fmt.Sprintf("- and %d that %s told of before", known, map[bool]string{true: "was", false: "were"}[known == 1]))
	}
	first := nameArgument(fresh[0].order, fresh[0].deliveryOrder) + n.inOrganization()
	m := n.message("URGENT: "+locationsLabel(about)+": "+wording.Count(sum, "delivery order", "delivery orders")+" may be shipped twice",
		strings.Join(lines, "\n"),
		"Cancel one of the two in HappyColis, now. Both are named by: reassigner orders show "+first,
		"Then close the row: reassigner orders leave "+first+` --reason "WHY"`, n.link(about))
	m.Urgent = true
	return m
}

// orderLabel is a delivery order as an operator knows it.
func orderLabel(r row) string {
	id := nameLabel(r.deliveryOrder)
	if r.order == "" {
		return id
	}
	return nameLabel(r.order) + " (" + id + ")"
}
