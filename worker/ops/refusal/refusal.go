// Package refusal says why what an operator asked for was not done: of which kind that is, for programs, and in a sentence,
// for people.
package refusal

import (
	"errors"
	"fmt"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// Kind is what is wrong.
type Kind int

// The kinds. An error of no known kind comes from the journal, the index or the queue, and so from Redis: Unavailable.
const (
	Unavailable Kind = iota // Redis does not answer
	Invalid                 // the request is wrong
	NotFound                // nothing is what the request names
	Conflict                // it does not apply to what is stored now
	Upstream                // the platform failed
	Forbidden               // the user may not
)

// IsFailure reports whether something failed, in contrast to a request that was understood and refused.
func (k Kind) IsFailure() bool { return k == Unavailable || k == Upstream }

type refusal struct {
	kind Kind
	text string
}

// Error implements error.
func (e *refusal) Error() string { return e.text }

// New returns an error of that kind, with a text for the operator.
func New(kind Kind, format string, args ...any) error {
	return &refusal{kind, fmt.Sprintf(format, args...)}
}

// partial is the error of an action on several rows that failed in the middle.
type partial struct {
	done, of int
	err      error
}

// Error implements error.
func (e *partial) Error() string { return fmt.Sprintf("after %d of %d: %v", e.done, e.of, e.err) }

func (e *partial) Unwrap() error { return e.err }

// After returns the error of an action that failed after it was done for the first of several: what was done stays done.
func After(done, of int, err error) error { return &partial{done, of, err} }

// Explain returns the kind of an error, and its text for the operator.
func Explain(err error) (Kind, string) {
	var refused *refusal
	var platform *happycolis.Error
	var part *partial
	switch {
	case errors.As(err, &part):
		kind, text := Explain(part.err)
		if part.of > 1 {
			text = fmt.Sprintf("%d of %d were done, then: %s", part.done, part.of, text)
		}
		return kind, text
	case errors.As(err, &refused):
		return refused.kind, refused.text
	case errors.Is(err, journal.ErrNewer):
		return Conflict, "a newer release wrote its record, and alone may change it: act there, or upgrade this one"
	case errors.Is(err, journal.ErrObsolete):
		return Conflict, "it was changed by somebody else, or by the worker, at the same moment; look at it, then repeat"
	case errors.Is(err, handover.ErrNotApplicable), errors.Is(err, handover.ErrMovedOn), errors.Is(err, journal.ErrPlanGone),
		errors.Is(err, journal.ErrCorrupt):
		return Conflict, err.Error()
	case errors.Is(err, journal.ErrNotFound):
		return NotFound, err.Error()
	case errors.As(err, &platform) && platform.Kind != happycolis.KindLimiter:
		return Upstream, "the platform did not do its part (" + platform.Error() + "); repeat it, and if it stays so: reassigner doctor"
	default:
		return Unavailable, "Redis does not answer; see whether it runs (reassigner doctor), then repeat"
	}
}
