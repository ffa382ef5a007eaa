package handover

import (
	"errors"
	"fmt"

	"happycolis-reassigner/worker/journal"
)

// ErrNotApplicable tells that a verb does not apply to the reassignment, or the incident, as it stands now.
var ErrNotApplicable = errors.New("does not apply")

// ErrMovedOn tells that the world is not as the operator who acts believes; its text says what changed.
var ErrMovedOn = errors.New("the state changed meanwhile")

// userError is what the operator who acts reads: a sentence with what, where, and what to do next.
type userError struct {
	kind error
	text string
}

// Error implements error. The text stands alone; what kind of refusal it is tells errors.Is.
func (e *userError) Error() string { return e.text }

func (e *userError) Unwrap() error { return e.kind }

// NewUserError returns an error of the kind whose text is for the operator who acts, and nothing else.
func NewUserError(kind error, format string, args ...any) error {
	return &userError{kind, fmt.Sprintf(format, args...)}
}

// DescribeState says how a row stands, as the end of a sentence.
func DescribeState(r *journal.Reassignment) string {
	if r.State == journal.NeedsPerson {
		return "needs a person as " + string(r.Reason)
	}
	return "is " + string(r.State)
}
