package notify

import (
	"context"

	"happycolis-reassigner/worker/intake"
)

// signaturesTopic tells that webhooks are refused because of their signature.
func signaturesTopic() topic {
	return topic{key: "signatures", shared: true, gather: (*Alerts).gatherWrongSignatures, news: condition{
		diff: func(n *diff) standing {
			return standing{lasts: len(n.wrongSignatures) >= intake.WrongSignatures, ended: len(n.wrongSignatures) == 0}
		},
		text:    (*diff).wrongSignaturesText,
		endText: fixedText("No webhook with a wrong signature came for " + formatDuration(intake.WrongSignaturesWithin)),
	}}
}

func (a *Alerts) gatherWrongSignatures(ctx context.Context, v *snapshot) (err error) {
	v.wrongSignatures, err = intake.ListWrongSignatures(ctx, a.Redis, v.at)
	return err
}

func (n *diff) wrongSignaturesText() Message {
	return n.message("Webhooks are refused: their signature is missing, or fits no secret of the configuration",
		"The last came "+n.localTime(n.wrongSignatures[0])+".",
		"If the platform sent them, its queue is blocked until somebody unblocks it by hand: compare client_secret with the secret of the application in HappyColis, and look at the health of the webhooks there.",
		"Was the secret changed? Configure the new one as client_secret and the former one as previous_client_secret.",
		"If the queue is not blocked, a stranger sent them, and nothing has to be done.",
		"See also: reassigner doctor --config FILE")
}
