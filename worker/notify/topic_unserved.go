package notify

import (
	"context"
	"fmt"
	"strings"

	"happycolis-reassigner/worker/wording"
)

// unservedTopic tells that released delivery orders are nobody's, since their organization was taken out of the
// configuration.
func unservedTopic() topic {
	return topic{key: "unserved", shared: true, gather: (*Alerts).gatherUnserved, news: condition{
		diff:    func(n *diff) standing { return lastsWhile(len(n.unserved) > 0) },
		text:    (*diff).unservedText,
		endText: fixedText("What was released is looked after again: its organization is configured, or all is finished"),
	}}
}

func (a *Alerts) gatherUnserved(ctx context.Context, v *snapshot) (err error) {
	v.unserved, err = a.Journal.UnservedOrganizations(ctx, a.Organizations, false)
	return err
}

// unservedText says that released delivery orders are nobody's, since their organization was taken out of the
// configuration.
func (n *diff) unservedText() Message {
	released := 0
	var lines []string
	for _, u := range n.unserved {
		released += u.Released
		lines = append(lines, fmt.Sprintf("- %s: %s, of which %d have no replacement that was sent", u.Organization,
			wording.Count(u.Released, "delivery order", "delivery orders"), u.Unsent))
	}
	m := n.message("URGENT: "+wording.Count(released, "delivery order was", "delivery orders were")+" released, and the organization is not configured any more",
		strings.Join(lines[:min(len(lines), maxLines)], "\n"),
		"Nobody finishes them: what has no replacement nobody ships.",
		"Put the organization back into the configuration until they are finished. If nothing else of it should begin, stop its incidents then: reassigner incidents stop ID --reason \"WHY\"")
	m.Urgent = true
	return m
}
