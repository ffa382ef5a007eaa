package incident_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// byHand names a place for what is at Paris, but for orders of high priority, which an operator wants to see, and
// none for what is elsewhere.
const byHand = `version: 1
rules:
  - name: what is urgent is sent by hand
    when: {priority: [HIGH]}
    then: needs_person
  - name: paris falls back to lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse]}}
default: needs_person
`

func (s *story) place(id, at, status, priority string) {
	order := "o_" + id
	line, events := sandbox.LinePending, []string{sandbox.EventRequested}
	if status == sandbox.Draft {
		line, events = sandbox.LineNew, nil
	}
	s.Platform.AddOrder(sandbox.Order{ID: order, Organization: world.Org, Lines: []sandbox.OrderLine{{ID: order + "_l", SKU: "MUG", Quantity: 1}}})
	s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{ID: id, Location: s.m.Locations[at], Orders: []string{order}, Status: status, Priority: priority,
		Events: events, Lines: []sandbox.Line{{ID: id + "_l", OrderLine: order + "_l", SKU: "MUG", Status: line, Quantity: 1}}})
}

func TestARehearsalOfEveryLocationTellsWhoWouldBeStranded(t *testing.T) {
	t.Parallel()
	s := tell(t, 0, world.Options{Policy: byHand})
	s.place("draft", sandbox.Paris, sandbox.Draft, "NORMAL")
	s.place("pending", sandbox.Paris, sandbox.Pending, "NORMAL")
	s.place("urgent", sandbox.Paris, sandbox.Pending, "HIGH")
	s.place("opened", sandbox.Paris, sandbox.Opened, "NORMAL")
	s.place("elsewhere", sandbox.Lyon, sandbox.Pending, "NORMAL")
	s.pass(1)

	rehearsal := s.Incidents.NewForecast(world.Org, true)
	places, err := rehearsal.Locations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		for _, err := range rehearsal.PredictLocation(t.Context(), p) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	o := rehearsal.Result()
	if diff := cmp.Diff(map[string]int{sandbox.Lyon: 2}, o.Targets); diff != "" {
		t.Errorf("moved (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[journal.Reason]int{journal.PolicyRule: 2, journal.OpenedNotEnabled: 1}, o.Persons); diff != "" {
		t.Errorf("need a person (-want +got):\n%s", diff)
	}
	// Who a rule sends to an operator was thought of, and so was a status that is not enabled.
	if diff := cmp.Diff(map[journal.Reason]int{journal.PolicyRule: 1}, o.Stranded); diff != "" {
		t.Errorf("stranded (-want +got):\n%s", diff)
	}
	at := map[string]journal.LocationForecast{}
	for _, l := range o.Locations {
		at[l.Location] = l
	}
	if l := at[sandbox.Paris]; l.Orders != 4 || l.Moves != 2 || l.Persons != 2 || l.Stranded != 0 || l.Requests != 3+5+1+1 {
		t.Errorf("Paris: %+v; want 4 orders, 2 move, 2 need a person, none stranded, 10 requests", l)
	}
	if l := at[sandbox.Lyon]; l.Orders != 1 || l.Stranded != 1 {
		t.Errorf("Lyon: %+v; want 1 order, stranded", l)
	}
	if o.Revision == "" || !o.All || o.Orders != 5 || o.Requests != 11 {
		t.Errorf("the whole: %+v; want 5 orders, 11 requests and the policy's revision", o)
	}

	if err := s.Journal.SaveForecast(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	last, err := s.Journal.LastForecast(t.Context(), world.Org)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o, last); diff != "" {
		t.Errorf("the last one (-kept +read):\n%s", diff)
	}
}
