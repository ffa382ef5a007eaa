package handover

import (
	"errors"
	"fmt"

	"happycolis-reassigner/worker/journal"
)

// ErrNotApplicable tells that a verb does not apply to the reassignment, or the incident, as it stands now.
var ErrNotApplicable = errors.New("does not apply")

// ErrMovedOn tells that the world is not as the person who acts believes; its text says what changed.
var ErrMovedOn = errors.New("the world moved on")

// refusal is what the person who acts reads: a sentence with what, where, and what to do next.
type refusal struct {
	kind error
	text string
}

// Error implements error. The text stands alone; what kind of refusal it is tells errors.Is.
func (e *refusal) Error() string { return e.text }

func (e *refusal) Unwrap() error { return e.kind }

// Refuse returns an error of the kind whose text is for the person who acts, and nothing else.
func Refuse(kind error, format string, args ...any) error {
	return &refusal{kind, fmt.Sprintf(format, args...)}
}

// HowItIs says how a row stands, as the end of a sentence.
func HowItIs(r *journal.Reassignment) string {
	if r.State == journal.NeedsPerson {
		return "needs a person as " + string(r.Reason)
	}
	return "is " + string(r.State)
}
