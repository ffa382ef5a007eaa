package api

// WaitsFor is what a row waits for; "": it is at work, or over.
type WaitsFor string

// What rows wait for. Until when stands beside it where it can be known: then the wait is over, or something else is done.
const (
	WaitSettle     WaitsFor = "settle"     // it gets clear whether a location failed
	WaitApproval   WaitsFor = "approval"   // an operator approves a plan
	WaitRedispatch WaitsFor = "redispatch" // the platform had its time to dispatch the order again by itself
	WaitRateLimit  WaitsFor = "rate_limit" // its turn
	WaitCapacity   WaitsFor = "capacity"   // a candidate has room again
	WaitCanary     WaitsFor = "canary"     // the first replacement is sent
	WaitPause      WaitsFor = "pause"      // an operator resumes
	WaitCancel     WaitsFor = "cancel"     // a cancellation is confirmed
	WaitAcceptance WaitsFor = "acceptance" // the new location takes it
	WaitRetry      WaitsFor = "retry"      // the next try, after something failed or contradicted itself
	WaitOperator   WaitsFor = "operator"   // an operator acts
)

// AllWaits returns everything that rows wait for.
func AllWaits() []WaitsFor {
	return []WaitsFor{WaitSettle, WaitApproval, WaitRedispatch, WaitRateLimit, WaitCapacity, WaitCanary, WaitPause, WaitCancel,
		WaitAcceptance, WaitRetry, WaitOperator}
}

// Words says to people what is waited for.
func (w WaitsFor) Words() string {
	switch w {
	case WaitSettle:
		return "until it is clear whether a location failed"
	case WaitApproval:
		return "for an approval"
	case WaitRedispatch:
		return "whether the platform dispatches the order again"
	case WaitRateLimit:
		return "for its turn under the rate limit"
	case WaitCapacity:
		return "for room at a candidate"
	case WaitCanary:
		return "for the canary: the first replacement is to be sent"
	case WaitPause:
		return "for the end of a pause"
	case WaitCancel:
		return "for the confirmation of a cancellation"
	case WaitAcceptance:
		return "for the new location to take it"
	case WaitRetry:
		return "for the next try"
	case WaitOperator:
		return "for an operator"
	}
	return ""
}
