package journal

import "happycolis-reassigner/worker/api"

// Phase is how far the release of the original is, that is, the cancellation by which it makes room for its replacement,
// and whether the replacement was sent. It is the one answer to that: nobody else looks at the times of Release and of
// Replacement.SentAt for it.
//
//	NotReleased > ReleaseBegun > ReleaseConfirmed > ReplacementSent
//
// The other two are accidents: the replacement was sent, by somebody else or before the original came back, and the
// original is not known to be cancelled. A DRAFT that is moved in place stays NotReleased.
type Phase = api.Phase

// The phases of a release.
const (
	NotReleased         = api.NotReleased
	ReleaseBegun        = api.ReleaseBegun
	ReleaseConfirmed    = api.ReleaseConfirmed
	ReplacementSent     = api.ReplacementSent
	SentWithoutRelease  = api.SentWithoutRelease
	SentBeforeConfirmed = api.SentBeforeConfirmed
)

// Phase returns how far the release is.
func (r *Reassignment) Phase() Phase {
	began, confirmed, sent := !r.Release.IntendedAt.IsZero(), !r.Release.ConfirmedAt.IsZero(), !r.Replacement.SentAt.IsZero()
	switch {
	case sent && confirmed:
		return ReplacementSent
	case sent && began:
		return SentBeforeConfirmed
	case sent:
		return SentWithoutRelease
	case confirmed:
		return ReleaseConfirmed
	case began:
		return ReleaseBegun
	}
	return NotReleased
}

// ReleaseBegan reports whether the cancel of the original was intended. From then on only a refusal, a rejection or an
// operator's leave leads back.
func (r *Reassignment) ReleaseBegan() bool {
	p := r.Phase()
	return p != NotReleased && p != SentWithoutRelease
}

// Released reports whether the original is known to be cancelled, or an operator vouched that it will not ship.
func (r *Reassignment) Released() bool {
	p := r.Phase()
	return p == ReleaseConfirmed || p == ReplacementSent
}

// Sent reports whether the present replacement was sent, by us or by somebody else.
func (r *Reassignment) Sent() bool {
	p := r.Phase()
	return p == ReplacementSent || p == SentBeforeConfirmed || p == SentWithoutRelease
}
