package decision

import (
	"context"
	"slices"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/journal"
)

// Decide says what should become of the original of the record, as it was read. Once the read shows nothing that forbids a
// move (after the release nothing does), verify is asked, before anything is spent on the candidates; its error is returned as
// it is. nil: the location is taken to have failed. Where the decision depends on a candidate that could not be read, there
// is an error beside it.
func (x *Reader) Decide(ctx context.Context, view *happycolis.DeliveryOrder, verify func() error) (Decision, error) {
	if !x.r.ReleaseBegan() {
		draft, err := x.findOrphanDraft(ctx, view)
		if err != nil {
			return Decision{}, err
		}
		if draft != "" {
			d := Refuse(journal.NeedsPerson, journal.UnprovenDraft)
			d.Draft = draft
			return d, nil
		}
		if d := x.Settings.Screen(x.r, view); d.State != "" {
			return d, nil
		}
	}
	if verify != nil {
		if err := verify(); err != nil {
			return Decision{}, err
		}
	}
	if x.r.Decision.Hops >= x.Settings.MaxHops {
		return Refuse(journal.NeedsPerson, journal.HopsExhausted), nil
	}
	return x.choose(ctx, view)
}

// choose gathers the facts and lets the policy choose.
func (x *Reader) choose(ctx context.Context, view *happycolis.DeliveryOrder) (Decision, error) {
	facts, unread, err := x.gatherFacts(ctx, view)
	if err != nil {
		return Decision{}, err
	}
	chosen := x.org.Policy().Decide(facts)
	d := Decision{Policy: &chosen, Facts: facts}
	if chosen.Reason == policy.ReasonNoCandidate && unread != nil {
		return d, unread
	}
	switch chosen.Outcome {
	case policy.Leave:
		if d.State, d.Reason = journal.Left, journal.PolicyLeave; x.r.ReleaseBegan() { // there is nothing left to leave where it is
			d.State, d.Reason = journal.NeedsPerson, journal.PolicyRule
		}
	case policy.NeedsPerson:
		if d.State = journal.Holding; !chosen.Suspects && !chosen.Wait {
			d.State, d.Reason = journal.NeedsPerson, NoCandidateReason(x.r, chosen)
		}
	case policy.Reassign:
		d.State = journal.Reassigned
		if d.Target, err = x.FirstUnpaused(ctx, chosen.Candidates); err != nil {
			return Decision{}, err
		}
	}
	d.Requests = RequestsFor(d.State, view.Status, x.r.Original.Dispatch)
	return d, nil
}

// NoCandidateReason is the reason where the policy names no candidate for a record: what happened to those before counts.
func NoCandidateReason(r *journal.Reassignment, d policy.Decision) journal.Reason {
	switch {
	case d.Reason != policy.ReasonNoCandidate:
		return journal.Reason(d.Reason)
	case r.Decision.Hops > 0:
		return journal.FallbacksExhausted
	case r.Decision.LastRejection != "":
		return r.Decision.LastRejection
	}
	return journal.NoCandidate
}

// FirstUnpaused returns the first of the candidates to which no pause stops what is sent; where each is paused, the first: it
// is waited for.
func (x *Reader) FirstUnpaused(ctx context.Context, candidates []policy.Ranked) (policy.Ranked, error) {
	pauses, err := x.Journal.Pauses(ctx, x.r.Identity.Organization)
	if err != nil {
		return policy.Ranked{}, err
	}
	for _, c := range candidates {
		if !slices.ContainsFunc(pauses, func(p journal.Pause) bool { return p.Scope == c.ID }) {
			return c, nil
		}
	}
	return candidates[0], nil
}

// AwaitedCandidates returns the ids of the candidates that a delivery order waits for: for their capacity, or until it is clear
// whether they failed.
func (d Decision) AwaitedCandidates() []string {
	if d.State != journal.Holding {
		return nil
	}
	var ids []string
	for _, name := range append(d.Policy.Full(), d.Policy.Suspected()...) {
		ids = append(ids, d.Facts.Candidates[name].ID)
	}
	return ids
}

// Units are those that have to be shipped, by SKU.
func (d Decision) Units() map[string]int { return unitsBySKU(d.Facts.Lines.Value) }
