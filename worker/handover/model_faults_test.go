package handover_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis/sandbox"
)

// undrawn are the faults that the model does not draw, and why.
var undrawn = map[string]string{
	sandbox.EventsKept:          "drawn with the shop: a log is append-only or it is not",
	sandbox.CreateSends:         "that a new delivery order is a DRAFT is what the promises rest on",
	sandbox.RefuseIntrospection: "no handover asks for the schema",
	sandbox.Latency:             "a clock that is moved by hand knows none; standstills take its place",
}

func drawnMoods() []string {
	kinds := slices.DeleteFunc(sandbox.Kinds(), func(kind string) bool { return undrawn[kind] != "" })
	return append(kinds, sandbox.AnswerCode, sandbox.AnswerCode, sandbox.AnswerCode, sandbox.Redispatch, sandbox.StaleRead, sandbox.StaleRead)
}

// TestTheModelDrawsEveryMood fails where one is left out that is no kind any more.
func TestTheModelDrawsEveryMood(t *testing.T) {
	t.Parallel()
	kinds := slices.Compact(slices.Sorted(slices.Values(drawnMoods())))
	if got, want := len(kinds)+len(undrawn), len(sandbox.Kinds()); got != want {
		t.Errorf("%d moods are drawn or left out with a reason, there are %d", got, want)
	}
}

// operations are those that a fault may bend.
var operations = []string{"deliveryOrderCreate", "deliveryOrderCancel", "deliveryOrderOpen", "deliveryOrderRequestFulfillment",
	"deliveryOrderUpdate", "deliveryOrder", "deliveryOrders", "location"}

// tokenFaults are the faults that may bend the token endpoint as well.
var tokenFaults = []string{sandbox.Fault500, sandbox.Fault429, sandbox.FaultHTML, sandbox.DropBefore}

// fault draws a fault of the platform.
func (p *play) mood() {
	m := sandbox.Fault{Kind: p.pick("mood", drawnMoods()...), Count: rapid.IntRange(0, 3).Draw(p.rt, "count"), After: p.seconds("after", 0, 1200)}
	switch m.Kind {
	case sandbox.CancelAsync, sandbox.CancelSilent, sandbox.CancelRefused, sandbox.CancelTakenBack, sandbox.CancelByLocation, sandbox.CancelKeepsStatus:
		p.ofACancel(&m)
	case sandbox.StaleRead:
		m.Count = 1 // two reads one request timeout apart are believed
		p.ofAThing(&m)
	case sandbox.Vanished:
		m.DeliveryOrder = p.original()
	case sandbox.Reject, sandbox.RejectPart, sandbox.Silent, sandbox.Accept, sandbox.AcceptThenError:
		m.Location = p.pick("at", "loc_lyon", "loc_lille")
	case sandbox.Redispatch:
		m.To, m.Count = p.pick("redispatched to", "loc_lyon", "loc_lille", "loc_paris"), 1
		m.After = min(m.After, 110*time.Second) // later than redispatch_settle is outside the promise
		m.AsDraft = p.chance("redispatched as a DRAFT", 4)
	case sandbox.RefuseNested:
		m.Whole = p.chance("no answer at all", 2)
	case sandbox.ResultError, sandbox.ResultErrorApplied, sandbox.DropBefore, sandbox.DropAfter, sandbox.DropLate, sandbox.Fault500, sandbox.Fault429,
		sandbox.FaultHTML, sandbox.TokensRevoked, sandbox.AnswerCode:
		p.ofAnAnswer(&m)
	case sandbox.EventClock, sandbox.WebhookDated:
		m.After = map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour, "of next week": 168 * time.Hour, "a little ahead": 20 * time.Second}[p.pick("clock of "+m.Kind,
			"ahead", "behind", "of next week", "a little ahead")]
	case sandbox.QuantityNull:
		m.Count = max(m.Count, 1)
	case sandbox.WebhookDrop, sandbox.WebhookDelay, sandbox.WebhookDuplicate, sandbox.WebhookSwap:
		m.NewID = m.Kind == sandbox.WebhookDuplicate && p.chance("with a new id", 2)
		m.Count = max(m.Count, 1)
	}
	p.Platform.AddFault(m)
}

// ofACancel draws of which cancels a fault is, and what they show.
func (p *play) ofACancel(m *sandbox.Fault) {
	if p.chance("cancels of a whole location", 4) {
		m.Location = p.pick("cancels at", "loc_lyon", "loc_lille", "loc_paris")
	} else {
		m.DeliveryOrder = p.original()
	}
	switch m.Kind {
	case sandbox.CancelTakenBack, sandbox.CancelAsync, sandbox.CancelSilent, sandbox.CancelByLocation:
		m.ShowCanceled, m.EventAtOnce = p.chance(m.Kind+" shown", 2), p.chance(m.Kind+" with its event", 3)
		m.Rejected = m.Kind == sandbox.CancelAsync && p.chance(m.Kind+" rejected", 4)
	}
}

// ofAThing draws what is read stale.
func (p *play) ofAThing(m *sandbox.Fault) {
	switch p.pick("a stale read of", "a delivery order", "a delivery order", "a location", "an order") {
	case "a location":
		m.Location = p.pick("the stale location", "loc_paris", "loc_lyon")
	case "an order":
		m.Order = p.anyOrder()
	default:
		m.DeliveryOrder = p.anybody()
	}
}

// ofAnAnswer draws which answers a fault is of.
func (p *play) ofAnAnswer(m *sandbox.Fault) {
	m.Operation = p.pick("operation", operations...)
	m.Count = max(m.Count, 1)
	m.After = min(m.After, 12*time.Second) // applied later than one request timeout is outside of what two reads can tell
	if slices.Contains(tokenFaults, m.Kind) && p.chance("of the token endpoint", 5) {
		m.Operation = sandbox.TokenEndpoint
	}
	if m.Kind == sandbox.AnswerCode {
		p.ofACode(m)
	}
}

// ofACode draws a code, an HTTP status, or both, and whether what was asked is done.
func (p *play) ofACode(m *sandbox.Fault) {
	m.Status = map[string]int{"none": 0, "400": 400, "401": 401, "403": 403, "404": 404, "409": 409, "413": 413, "422": 422, "429": 429,
		"500": 500, "502": 502, "503": 503, "504": 504}[p.pick("status of an answer", "none", "none", "none", "none", "400", "401", "403", "404",
		"409", "413", "422", "429", "500", "502", "503", "504")]
	m.Code = p.pick("code", "BAD_USER_INPUT", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED", "INTERNAL_SERVER_ERROR",
		"GATEWAY_TIMEOUT", "SERVICE_UNAVAILABLE", "CONFLICT", "SUBREQUEST_HTTP_ERROR", "SOMETHING_ELSE")
	m.Whole = p.chance("no field of the answer is left", 3)
	m.Applied = p.chance("done all the same", 2) && !surelyNotDone(m)
	p.drawn.count("answered with a code", map[bool]string{true: "after", false: "before"}[m.Applied]+" it was done", "after it was done", "before it was done")
}

// surelyNotDone reports whether an answer says for sure that nothing was done: a platform that says so of what it did lies.
func surelyNotDone(m *sandbox.Fault) bool {
	ofTheField := m.Status == 0 && !m.Whole
	return slices.Contains([]int{400, 401, 403, 404, 413, 429}, m.Status) || m.Code == "GRAPHQL_VALIDATION_FAILED" ||
		ofTheField && slices.Contains([]string{"BAD_USER_INPUT", "NOT_FOUND", "FORBIDDEN"}, m.Code)
}
