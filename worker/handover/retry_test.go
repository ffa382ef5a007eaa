package handover_test

import (
	"testing"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// TestARetryAsksEveryCandidateAnew has every candidate refuse, for a cause that is mended then.
func TestARetryAsksEveryCandidateAnew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ status, operation, want string }{
		{sandbox.Pending, "deliveryOrderCreate", "needs_person: create_refused"},
		{sandbox.Draft, "deliveryOrderUpdate", "needs_person: update_refused"},
	} {
		t.Run(c.operation, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", c.status)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: c.operation})
			s.breaks()
			s.ends("1", c.want)
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", c.want) // still
			s.Platform.ClearFaults()
			s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
			s.rest()
			s.ends("1", "reassigned")
			if r := s.row("1"); r.Decision.To != sandbox.Lyon {
				t.Errorf("it went to %s, want the first candidate", r.Decision.To)
			}
			s.holds()
		})
	}
}

// TestARetryDoesNotGoBackToWhoRejectedWhatWasSent has Lyon reject what was sent, and Lille what comes then.
func TestARetryDoesNotGoBackToWhoRejectedWhatWasSent(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.ResultError, Operation: "deliveryOrderCreate", Skip: 1})
	s.breaks()
	s.ends("1", "needs_person: fallbacks_exhausted")
	s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
	s.rest()
	s.ends("1", "needs_person: fallbacks_exhausted")
	s.holds()
}
