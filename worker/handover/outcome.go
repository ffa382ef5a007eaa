package handover

import (
	"errors"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// This file is what a step returns: an error. nil goes on to the next step of the table. An outcome is an error that is
// no failure: it says what else becomes of the reassignment. An error of the platform becomes one (handleRequestError). Every
// other error is a failure of the journal or the queue, or tells that somebody else works at it. What a step calls returns the same: nil lets the step go on, anything else is
// what the step returns in its turn. walkSteps is the one place where outcomes are carried out.

// An outcome's text says why: its note or its reason, "" where there is neither.
type outcome interface {
	error
	outcome()
}

type (
	// nextStep goes on to the next row of the table, with this note in the history.
	nextStep string
	// goToStep goes to a named row, "" for a new decision.
	goToStep struct{ name, note string }
	// reassigned ends the reassignment: it is done.
	reassigned struct{}
	// left ends the reassignment: the delivery order stays where it is, for this reason.
	left journal.Reason
	// needsPerson leaves the reassignment to an operator, for this reason.
	needsPerson journal.Reason
	// compensate undoes what was done, and then leaves the delivery order or asks an operator.
	compensate struct {
		then   journal.State
		reason journal.Reason
	}
	// wait looks again at a time.
	wait struct {
		until     time.Time
		note      string
		throttled bool // for the rate limit or the credentials, whatever would be read then
		// what it waits for, "" for the next try, and if timeout is not 0 for how long since when, pauses left out.
		what    api.WaitsFor
		since   time.Time
		timeout time.Duration
	}
	// canaryFull waits for a slot of the canary.
	canaryFull struct{}
)

func decideAnew() error                        { return goToStep{} }
func waitUntil(t time.Time, note string) error { return wait{until: t, note: note} }
func waitThrottled(t time.Time) error {
	return wait{until: t, throttled: true, what: api.WaitRateLimit}
}

func waitForCredentials(t time.Time) error { return wait{until: t, throttled: true} }

func (o nextStep) Error() string    { return string(o) }
func (o goToStep) Error() string    { return o.note }
func (reassigned) Error() string    { return "" }
func (o left) Error() string        { return string(o) }
func (o needsPerson) Error() string { return string(o) }
func (o compensate) Error() string  { return string(o.reason) }
func (o wait) Error() string        { return o.note }
func (canaryFull) Error() string    { return "" }

func (nextStep) outcome()    {}
func (goToStep) outcome()    {}
func (reassigned) outcome()  {}
func (left) outcome()        {}
func (needsPerson) outcome() {}
func (compensate) outcome()  {}
func (wait) outcome()        {}
func (canaryFull) outcome()  {}

// outcomeOf returns the outcome that the error of a step stands for; nil is the next row without a note. false: it is a failure.
func outcomeOf(err error) (outcome, bool) {
	if err == nil {
		return nextStep(""), true
	}
	return errors.AsType[outcome](err)
}

// isOutcome reports whether the error of a step stands for an outcome of that type.
func isOutcome[T outcome](err error) bool {
	o, _ := outcomeOf(err)
	_, is := o.(T)
	return is
}
