package notify

import (
	"context"
	"time"

	"happycolis-reassigner/worker/wording"
)

// webhooksTopic tells that no webhook comes although some should, and when they come again.
func webhooksTopic() topic {
	return topic{key: "webhooks", gather: (*Alerts).gatherWebhookHealth, news: condition{
		diff: func(n *diff) standing {
			h := n.webhooks
			quiet := !h.silentSince().IsZero() && n.at.Sub(h.silentSince()) >= n.Silence
			expected := h.inFlight > 0
			return standing{lasts: quiet && expected, ended: !quiet, forget: quiet && !expected, since: h.silentSince()}
		},
		text:    (*diff).silenceText,
		endText: (*diff).heardText,
	}}
}

// webhookHealth is when the platform was heard.
type webhookHealth struct {
	last     time.Time // a webhook came; zero: none ever did
	since    time.Time // the index listens since then
	inFlight int
}

// silentSince is the moment since which nothing was heard; zero where nothing was ever expected.
func (h webhookHealth) silentSince() time.Time {
	if h.last.IsZero() {
		return h.since
	}
	return h.last
}

// gatherWebhookHealth reads when the last webhook came. The delivery orders in flight are counted only where it was
// long ago.
func (a *Alerts) gatherWebhookHealth(ctx context.Context, v *snapshot) error {
	known, err := a.Index.Coverage(ctx, v.organization)
	if err != nil {
		return err
	}
	v.webhooks = webhookHealth{last: known.Last, since: known.Since}
	if silent := v.webhooks.silentSince(); silent.IsZero() || v.at.Sub(silent) < a.Settings.Silence {
		return nil
	}
	v.webhooks.inFlight, err = a.Index.CountAllInFlight(ctx, v.organization)
	return err
}

// silenceText says that no webhook comes.
func (n *diff) silenceText() Message {
	h := n.webhooks
	last := "The newest is of " + n.localTime(h.last) + "."
	if h.last.IsZero() {
		last = "None ever came; the index was imported " + n.localTime(h.since) + "."
	}
	return n.message("No webhook for "+formatDuration(n.at.Sub(h.silentSince()))+", while "+wording.Count(h.inFlight, "delivery order is", "delivery orders are")+" in flight",
		last,
		"The platform stops its queue at the first refused webhook, until somebody unblocks it by hand: look at the health of the webhooks in HappyColis.",
		"See whether the receiver is reached from outside: reassigner event send --config FILE --sample stock-reference-updated --organization "+n.organization+" --url https://YOUR_HOST/webhooks/happycolis",
		"Until then the sweep still finds locations that fail, and new delivery orders are not known.")
}

// heardText says that webhooks come again.
func (n *diff) heardText() Message {
	since := n.known[webhooksTopic().key].Since
	return n.message("Webhooks come again, after "+formatDuration(n.at.Sub(since)),
		"None came since "+n.localTime(since)+". What happened in between may not be known, unless the platform sends it late.",
		"Mend one location: reassigner import --location LOCATION"+n.inOrganization())
}
