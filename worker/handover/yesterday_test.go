package handover_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// firstKeys are the keys of a reassignment and of an incident as the first release wrote them. They are never
// added to.
const firstKeys = `shape id org incident delivery_order root order_number orders from_id from integration status opened_at
	updated_at state working reason step undo decision priority dispatch asked to to_id to_type adopted country pickup
	tried refused hops lines before replacement former intent cancel_sent_at release_intended_at released_at proceeded
	sent_at since polls missing failures parked history
	location_id location closed_at events round gates approved_by approved_at walked recovered_at index_since index_short`

// TestRecordsOfTheFirstReleaseAreDrivenOn upgrades in the middle of a drain: whatever a later release added to
// the records is missing in them.
func TestRecordsOfTheFirstReleaseAreDrivenOn(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Duration{119 * time.Second, 121 * time.Second, 125 * time.Second, 170 * time.Second, 4 * time.Minute, 20 * time.Minute} {
		t.Run("after "+at.String(), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			s.order("2", sandbox.Draft)
			s.order("3", sandbox.Pending, automatic)
			s.order("4", sandbox.Pending)
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_1", After: 45 * time.Second})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, DeliveryOrder: "do_3", After: 45 * time.Second})
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, DeliveryOrder: "do_4"})
			s.Platform.Break(sandbox.Paris)
			s.pass(at)
			if n := s.older(); n == 0 {
				t.Fatal("there is no record yet")
			}
			s.rest()
			for _, id := range []string{"1", "2", "3"} {
				s.ends(id, "reassigned")
			}
			s.ends("4", "needs_person: cancel_unconfirmed")
			s.must(s.Handover.Leave(s.ctx, s.row("4"), ops))
			s.rest()
			s.holds()
		})
	}
}

// older takes from every record what the first release did not write, and returns how many there are.
func (s *fixture) older() (records int) {
	s.t.Helper()
	first := strings.Fields(firstKeys)
	for _, key := range s.Redis.Keys() {
		body := s.Redis.HGet(key, "body")
		if body == "" || !strings.Contains(key, "}:re:") && !strings.Contains(key, "}:inc:") {
			continue
		}
		var record map[string]json.RawMessage
		s.must(json.Unmarshal([]byte(body), &record))
		for name := range record {
			if !slices.Contains(first, name) {
				delete(record, name)
			}
		}
		stripped, err := json.Marshal(record)
		s.must(err)
		s.Redis.HSet(key, "body", string(stripped))
		records++
	}
	return records
}
