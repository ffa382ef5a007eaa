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

// firstKeys are the keys of a reassignment and of an incident as the first release writes them, those of a group after
// its name. They are never added to.
const firstKeys = `reassignment: shape state leased reason step step_at updated_at history
	identity: id organization incident delivery_order root order_number orders from_id from integration opened_at
	intent: step at absent lost denied refused
	undo: then reason told late
	original: status priority dispatch fulfilment_requested country pickup order_type units seen_at gone_since
	admission: admitted reserved requests
	plan: deviation manual_retry
	decision: policy to to_id to_type tried last_rejection hops
	replacements: id adopted lines siblings_before unproven_draft sent_at cancel gone_at missing_since late_drafts late_cancel past
	release: intended_at cancel_sent_at cancel_read_at canceled_before rejected_before disputed_at told_at confirmed_at proceeded
	wait: started_at polls poll_at candidate_since
	retry: unclear_answer failures repeats returns archived_version
	incident: shape id org location_id location integration state opened_at closed_at updated_at events round gates waivers drained_at
	lifted_by approved_by approved_at by_plan plan walked error_at recovered_at index_since index_short index requests report history`

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
	first, group := map[string][]string{}, ""
	for word := range strings.FieldsSeq(firstKeys) {
		if name, is := strings.CutSuffix(word, ":"); is {
			group = name
			continue
		}
		first[group] = append(first[group], word)
	}
	strip := func(text []byte, group string, groups bool) []byte {
		var record map[string]json.RawMessage
		s.must(json.Unmarshal(text, &record))
		for name := range record {
			if !slices.Contains(first[group], name) && (!groups || first[name] == nil) {
				delete(record, name)
			}
		}
		stripped, err := json.Marshal(record)
		s.must(err)
		return stripped
	}
	for _, key := range s.Redis.Keys() {
		body := []byte(s.Redis.HGet(key, "body"))
		switch {
		case len(body) == 0:
			continue
		case strings.Contains(key, "}:inc:"):
			body = strip(body, "incident", false)
		case strings.Contains(key, "}:re:"):
			body = strip(body, "reassignment", true)
			var record map[string]json.RawMessage
			s.must(json.Unmarshal(body, &record))
			for name, part := range record {
				switch {
				case name == "replacements": // a list of one
					part = part[1 : len(part)-1]
					record[name] = slices.Concat([]byte("["), strip(part, name, false), []byte("]"))
				case first[name] != nil:
					record[name] = strip(part, name, false)
				}
			}
			var err error
			body, err = json.Marshal(record)
			s.must(err)
		default:
			continue
		}
		s.Redis.HSet(key, "body", string(body))
		records++
	}
	return records
}
