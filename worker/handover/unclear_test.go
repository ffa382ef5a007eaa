package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// TestAnswersThatDoNotTellWhatHappened has a mutation answered once with every code and status that leaves its outcome open,
// before or after it was carried out. The outcome is looked up, and what is absent is sent once more.
func TestAnswersThatDoNotTellWhatHappened(t *testing.T) {
	t.Parallel()
	for _, answer := range []sandbox.Fault{
		{Code: "GATEWAY_TIMEOUT"}, {Code: "GATEWAY_TIMEOUT", Whole: true}, {Code: "REQUEST_RATE_LIMITED", Whole: true}, {Code: "SERVICE_UNAVAILABLE"},
		{Code: "SOMETHING_NEW"}, {Code: "CONFLICT", Whole: true}, {Code: "FORBIDDEN", Whole: true},
		{Status: 502}, {Status: 504}, {Status: 409}, {Status: 422}, {Status: 408},
	} {
		for _, applied := range []bool{false, true} {
			for _, operation := range []string{"deliveryOrderCreate", "deliveryOrderCancel", "deliveryOrderOpen", "deliveryOrderUpdate"} {
				t.Run(fmt.Sprint(operation, " ", answer.Code, answer.Status, " whole ", answer.Whole, " applied ", applied), func(t *testing.T) {
					t.Parallel()
					s := newShop(t, world.Options{})
					status := sandbox.Pending
					if operation == "deliveryOrderUpdate" {
						status = sandbox.Draft
					}
					s.order("1", status)
					m := answer
					m.Kind, m.Operation, m.Applied, m.Count = sandbox.AnswerCode, operation, applied, 1
					s.Platform.AddFault(m)
					s.breaks()
					s.ends("1", "reassigned")
					s.holds()
				})
			}
		}
	}
}

// TestTheSameUnclearAnswerTwiceIsARefusal has a mutation always answered with a code that nobody knows, and never done.
func TestTheSameUnclearAnswerTwiceIsARefusal(t *testing.T) {
	t.Parallel()
	for operation, c := range map[string]struct {
		status string
		want   journal.Reason
		most   int // requests: two for each candidate
	}{
		"deliveryOrderCreate": {sandbox.Pending, journal.CreateRefused, 4},
		"deliveryOrderCancel": {sandbox.Pending, journal.CancelRefused, 2},
		"deliveryOrderOpen":   {sandbox.Pending, journal.SendRefused, 2},
		"deliveryOrderUpdate": {sandbox.Draft, journal.UpdateRefused, 4},
	} {
		for _, answer := range []sandbox.Fault{{Code: "SOMETHING_NEW"}, {Code: "SOMETHING_NEW", Whole: true}, {Status: 409}} {
			t.Run(fmt.Sprint(operation, answer.Code, answer.Status, answer.Whole), func(t *testing.T) {
				t.Parallel()
				s := newShop(t, world.Options{})
				s.order("1", c.status)
				m := answer
				m.Kind, m.Operation = sandbox.AnswerCode, operation
				if operation == "deliveryOrderCancel" {
					m.Count = 2 // that of our DRAFT works
				}
				s.Platform.AddFault(m)
				s.breaks()
				if r := s.row("1"); r.State != journal.NeedsPerson || r.Reason != c.want {
					t.Errorf("it is %s %s, want %s\n%s", r.State, r.Reason, c.want, s.story())
				}
				n := s.Platform.Books().Requests[operation]
				if operation == "deliveryOrderCancel" {
					n-- // of our DRAFT
				}
				if n > c.most {
					t.Errorf("%d requests, want at most %d\n%s", n, c.most, s.story())
				}
				s.holds()
			})
		}
	}
}

// TestAGatewaysFaultIsWaitedOut has the gateway answer a mutation with its own fault for a while. That is no refusal, however
// often it comes.
func TestAGatewaysFaultIsWaitedOut(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"deliveryOrderCreate", "deliveryOrderCancel", "deliveryOrderOpen", "deliveryOrder"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Code: "GATEWAY_TIMEOUT", Operation: operation, Count: 4})
			s.breaks()
			s.ends("1", "reassigned")
			s.holds()
		})
	}
}

// TestARefusedCandidateFallsThroughToTheNextRule has the only candidate of a rule refuse.
func TestARefusedCandidateFallsThroughToTheNextRule(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: `
version: 1
rules:
  - name: first lyon
    when: {}
    then: {reassign: {candidates: [lyon-warehouse]}}
    otherwise: next
  - name: then lille
    when: {}
    then: {reassign: {candidates: [lille-warehouse]}}
default: leave
`})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Code: "BAD_USER_INPUT", Operation: "deliveryOrderCreate", Count: 1})
	s.breaks()
	s.ends("1", "reassigned")
	if d := s.row("1").Decision; d.To != "lille-warehouse" || d.Policy.Rule != "then lille" || len(d.Policy.Trace[0].Candidates) != 1 {
		t.Errorf("it went to %s by %q, and of the first rule the candidates are %v", d.To, d.Policy.Rule, d.Policy.Trace[0].Candidates)
	}
	s.holds()
}

// TestWhatIsSurelyRefusedIsNotRepeated has a mutation refused in the words that are surely a refusal.
func TestWhatIsSurelyRefusedIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"BAD_USER_INPUT", "NOT_FOUND"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Code: code, Operation: "deliveryOrderCreate"})
			began := s.Now()
			s.breaks()
			s.ends("1", "needs_person: create_refused")
			if n := s.Platform.Books().Requests["deliveryOrderCreate"]; n != 2 {
				t.Errorf("%d creates, want one for each candidate", n)
			}
			if r := s.row("1"); r.UpdatedAt.Sub(began) > 3*time.Minute {
				t.Errorf("it took until %s", r.UpdatedAt)
			}
			s.holds()
		})
	}
}

// TestATargetThatCanNeverBeReadIsTheOperators has the platform answer each read of the target with an error once the original is
// released, while the original itself reads well.
func TestATargetThatCanNeverBeReadIsTheOperators(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: onlyLyon})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, After: 2 * time.Minute, DeliveryOrder: "do_1"})
	s.order("1", sandbox.Pending)
	s.Platform.Break(sandbox.Paris)
	s.until("1", journal.ConfirmingRelease)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.AnswerCode, Operation: "location", Location: sandbox.Lyon, Code: "INTERNAL_SERVER_ERROR"})
	s.pass(4 * time.Hour)
	s.ends("1", "needs_person: retries_exhausted")
}
