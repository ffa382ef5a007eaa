package notify

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/intake"
)

// oversizedFor is how long after a webhook was too large this is told of.
const oversizedFor = time.Hour

// oversizedTopic tells that a webhook was not read because it is too large. Nothing says when that is over.
func oversizedTopic() topic {
	return topic{key: "oversized", gather: (*Alerts).gatherOversized, news: condition{
		diff: func(n *diff) standing {
			lasts := n.oversized != nil && n.at.Sub(n.oversized.At) < oversizedFor
			return standing{lasts: lasts, forget: !lasts}
		},
		text: (*diff).oversizedText,
	}}
}

func (a *Alerts) gatherOversized(ctx context.Context, v *snapshot) (err error) {
	v.oversized, err = intake.LastOversized(ctx, a.Redis, v.organization)
	return err
}

func (n *diff) oversizedText() Message {
	return n.message(fmt.Sprintf("A webhook of %d KiB was not read: it is larger than max_body", n.oversized.Size>>10),
		"It came "+n.localTime(n.oversized.At)+", and was answered 200 and parked, since a refusal blocks the platform's queue. What it told is not known.",
		"If it comes from HappyColis, set max_body higher, up to 8MiB, and restart the worker.",
		"Then mend the location that it was about: reassigner import --location LOCATION"+n.inOrganization())
}
