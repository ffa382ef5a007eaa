package handover_test

import (
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// toLille is the policy that comes into force while orders are on their way to Lyon.
const toLille = `version: 1
rules:
  - name: paris falls back to lille only
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lille-warehouse]}}
default: needs_person
`

// staysAtParis is one that leaves what is at Paris where it is.
const staysAtParis = `version: 1
rules:
  - name: what is at paris stays there
    when: {from: [paris-warehouse]}
    then: leave
default: needs_person
`

// TestWhatIsUnderWayKeepsThePolicyItWasDecidedBy reloads the policy between the release and the sending.
func TestWhatIsUnderWayKeepsThePolicyItWasDecidedBy(t *testing.T) {
	t.Parallel()
	underWay := func(t *testing.T, text, after string, bend func(*fixture)) (s *fixture, before string) {
		t.Helper()
		s = newShop(t, world.Options{Policy: text})
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 3 * time.Minute})
		bend(s)
		s.order("1", sandbox.Pending)
		s.Platform.Break("loc_paris")
		s.pass(150 * time.Second)
		r := s.row("1")
		if r.State != journal.ConfirmingRelease || r.Decision.To != sandbox.Lyon {
			t.Fatalf("it is %s on its way to %q, want the release to Lyon unconfirmed\n%s", r.State, r.Decision.To, s.story())
		}
		if err := s.Reload(after); err != nil {
			t.Fatal(err)
		}
		return s, r.Decision.Policy.Revision
	}
	ends := func(t *testing.T, s *fixture, to string) *journal.Reassignment {
		t.Helper()
		s.rest()
		s.ends("1", "reassigned")
		r := s.row("1")
		if r.Decision.To != to {
			t.Errorf("it went to %s, want %s\n%s", r.Decision.To, to, s.story())
		}
		s.holds()
		return r
	}
	t.Run("it goes where it was decided to go", func(t *testing.T) {
		t.Parallel()
		s, before := underWay(t, byStock, toLille, func(*fixture) {})
		if r := ends(t, s, sandbox.Lyon); r.Decision.Policy.Revision != before {
			t.Errorf("its decision is of revision %s, want still %s", r.Decision.Policy.Revision, before)
		}
	})
	t.Run("a fence that its rule got meanwhile is not asked", func(t *testing.T) {
		t.Parallel()
		unfenced := strings.Replace(inStock, "must: [in_stock, {capacity: {per_hour: 50}}]", "prefer: [listed_order]", 1)
		s, _ := underWay(t, unfenced, inStock, func(s *fixture) { s.stock(sandbox.Lyon, 0, 0) })
		ends(t, s, sandbox.Lyon)
	})
	t.Run("its target rejects: it is decided again, by the policy in force", func(t *testing.T) {
		t.Parallel()
		s, before := underWay(t, byStock, toLille, func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
		})
		if r := ends(t, s, sandbox.Lille); r.Decision.Policy.Revision == before || r.Decision.Policy.Rule != "paris falls back to lille only" {
			t.Errorf("it was decided by rule %q of revision %s, want that of the new policy", r.Decision.Policy.Rule, r.Decision.Policy.Revision)
		}
	})
	t.Run("its target rejects, and the policy in force leaves it: nothing is there to leave, so a person is asked", func(t *testing.T) {
		t.Parallel()
		s, _ := underWay(t, byStock, staysAtParis, func(s *fixture) {
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
		})
		s.rest()
		s.ends("1", "needs_person: policy_rule")
		s.holds()
		s.must(s.Reload(toLille))
		s.must(s.Handover.Retry(s.ctx, s.row("1"), ops))
		ends(t, s, sandbox.Lille)
	})
}

// TestWhoWaitsForCapacityIsDecidedByTheNewPolicy has the limit taken away.
func TestWhoWaitsForCapacityIsDecidedByTheNewPolicy(t *testing.T) {
	t.Parallel()
	s, id := queueOf(t, 2)
	if err := s.Reload(toLille); err != nil {
		t.Fatal(err)
	}
	s.pass(15 * time.Minute)
	s.ends(id, "reassigned")
	if r := s.row(id); r.Decision.To != sandbox.Lille {
		t.Errorf("it went to %s, want Lille\n%s", r.Decision.To, s.story())
	}
}
