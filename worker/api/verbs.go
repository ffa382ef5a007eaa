package api

// The verbs by which an operator acts on a reassignment.
const (
	VerbRetry   = "retry"
	VerbLeave   = "leave"
	VerbProceed = "proceed"
)

// Applies reports whether a verb applies to a reassignment with this state and this reason. What the world looks like now
// may still speak against it.
func Applies(verb string, state State, reason Reason) bool {
	if verb == VerbProceed {
		return state == NeedsPerson && reason == CancelUnconfirmed
	}
	return state == NeedsPerson || state == Holding
}

// Condition says to what a verb applies.
func Condition(verb string) string {
	if verb == VerbProceed {
		return "proceed applies only to what rests as cancel_unconfirmed"
	}
	return "only what needs a person or waits for capacity can be acted on"
}
