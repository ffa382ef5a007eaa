package handover

import (
	"context"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// This file finds what a create made whose reply was lost.

// adoptCreated looks for the DRAFT of an intent in doubt. nil: it is not there and will not come; nextStep: it was adopted.
func (x *attempt) adoptCreated(ctx context.Context, p *orders.Parent, view *happycolis.DeliveryOrder) error {
	if err := x.excludeKnown(ctx, p); err != nil {
		return err
	}
	made := p.MatchCreated(x.r)
	switch {
	case len(made) > 1:
		x.r.Replacement.UnprovenDraftID = made[max(0, slices.IndexFunc(made, func(id string) bool { return !p.Named[id] }))]
		x.r.Note(x.h.Now(), "the DRAFTs "+strings.Join(made, ", ")+" all have the lines that were asked for when the reply was lost")
		return needsPerson(journal.UnprovenDraft)
	case len(made) == 1:
		x.r.Replacement.ID = made[0]
		x.clearIntent()
		x.r.Note(x.h.Now(), "adopted "+made[0]+", made by the call whose reply was lost")
		return nextStep("")
	}
	if unsure := p.MatchCreatedBySKU(x.r); len(unsure) > 0 {
		x.r.Replacement.UnprovenDraftID = unsure[0]
		x.r.Note(x.h.Now(), "DRAFT "+unsure[0]+" may be what the call made whose reply was lost: the platform does not tell how many units it has")
		return needsPerson(journal.UnprovenDraft)
	}
	if err := x.confirmNotApplied(view.SentAt); err != nil {
		return err
	}
	refusedTwice := x.r.Intent.SameCodeTwice
	x.r.Intent = nil
	if refusedTwice && x.r.Undo == nil {
		return x.rejectCandidate(journal.CreateRefused)
	}
	return nil
}

// knownBefore is how long before a create went out something has to be known to be none of its: since when it is known is
// Redis's clock, when the create went out is ours, and people are told where they are 10 s apart.
const knownBefore = time.Minute

// excludeKnown counts the siblings that were known before the create in doubt went out as claimed: the list that was read
// before the create need not have shown them.
func (x *attempt) excludeKnown(ctx context.Context, p *orders.Parent) error {
	for _, s := range p.Siblings {
		since, err := x.h.Index.KnownSince(ctx, x.r.Identity.Organization, s.ID)
		if err != nil {
			return err
		}
		if !since.IsZero() && since.Before(x.r.Intent.At.Add(-knownBefore)) {
			p.Claimed[s.ID] = true
		}
	}
	return nil
}

// resolvePendingCreate resolves a create in doubt before it is taken back.
func (x *attempt) resolvePendingCreate(ctx context.Context) error {
	x.r.MarkUncertain()
	view, err := x.refreshOriginal(ctx, x.org.ForHandover)
	if err != nil && x.r.Intent == nil {
		return nil // the original is not found any more, and nothing was made
	}
	if err != nil {
		return err
	}
	if len(view.Orders) != 1 {
		return needsPerson(journal.UnprovenDraft)
	}
	p, err := x.reader.LoadParent(ctx, view)
	if err != nil {
		return err
	}
	if err := x.adoptCreated(ctx, p, view); !isOutcome[nextStep](err) {
		return err
	}
	return nil
}
