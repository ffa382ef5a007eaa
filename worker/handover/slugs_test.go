package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/world"
)

func noCooldown(i *incident.Settings) { i.Cooldown = 0 }

// renames gives a location another slug, as whoever runs the merchant's platform does.
func (s *fixture) renames(id, slug string) {
	s.t.Helper()
	s.Platform.AddLocation(sandbox.Location{ID: id, Slug: slug, Organization: world.Org, Active: true, Country: "FR"})
	s.pass(time.Second)
}

// movesHouse lets the warehouse in Lyon move: the old location is renamed, and a new one gets its name.
func (s *fixture) movesHouse() {
	s.t.Helper()
	s.renames("loc_lyon", "lyon-old")
	s.renames("loc_lyon_new", sandbox.Lyon)
}

// goesTo checks where the replacement of a delivery order is.
func (s *fixture) goesTo(id, location string) {
	s.t.Helper()
	s.ends(id, "reassigned")
	for _, d := range s.Platform.Books().DeliveryOrders {
		if d.ID == s.row(id).Replacement.ID && d.Location != location {
			s.t.Errorf("do_%s went to %s, want %s\n%s", id, d.Location, location, s.story())
		}
	}
}

// knowsLyon lets the worker hand over to Lyon once, so that it knows whose name that is.
func (s *fixture) knowsLyon() {
	s.t.Helper()
	s.order("1", sandbox.Pending)
	s.must(s.Import(s.ctx, "ord_1"))
	s.breaks()
	s.goesTo("1", "loc_lyon")
	s.Platform.Recover(sandbox.Paris, true)
	s.pass(3 * time.Minute)
	s.closed()
}

// breaksAgain lets Paris fail when there are rows of before.
func (s *fixture) breaksAgain() {
	s.t.Helper()
	s.Platform.Break("loc_paris")
	s.pass(5 * time.Minute)
	s.rest()
}

func TestASlugIsWhatThePlatformSaysNow(t *testing.T) {
	t.Parallel()
	late := func(s *fixture, date string) {
		body := []byte(fmt.Sprintf(`{"header":{"organizationId":%q,"messageId":"late","webhookId":"w","type":"location/updated"%s},`+
			`"body":{"id":"loc_lyon","organizationId":%[1]q,"name":%[3]q,"locationType":"WAREHOUSE","active":true,"country":"FR"}}`, world.Org, date, sandbox.Lyon))
		if code := s.PostWebhook(body, webhook.Sign(body, "secret")).Code; code != 200 {
			s.t.Fatalf("the webhook is answered with %d", code)
		}
	}
	for name, tell := range map[string]func(*fixture){
		"its webhooks come": func(s *fixture) {
			s.knowsLyon()
			s.movesHouse()
		},
		"the new name is told first": func(s *fixture) {
			s.knowsLyon()
			s.renames("loc_lyon_new", sandbox.Lyon)
			s.renames("loc_lyon", "lyon-old")
		},
		"the old location's webhook comes once more": func(s *fixture) {
			s.movesHouse()
			s.pass(time.Minute)
			late(s, `,"date":"`+world.Start.Add(-time.Hour).Format(time.RFC3339)+`"`)
		},
		"the old location's webhook comes once more, without a date": func(s *fixture) {
			s.movesHouse()
			late(s, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Incident: noCooldown})
			tell(s)
			s.order("2", sandbox.Pending)
			s.breaksAgain()
			s.goesTo("2", "loc_lyon_new")
			s.holds()
		})
	}
}

// TestASlugIsReadWhereNoWebhookTells has the worker know Lyon by a read only: that its name passed on is seen by the next.
func TestASlugIsReadWhereNoWebhookTells(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{NoWebhook: true, Incident: noCooldown})
	s.knowsLyon()
	s.movesHouse()
	s.order("2", sandbox.Pending)
	s.must(s.Import(s.ctx, "ord_2"))
	s.breaksAgain()
	s.goesTo("2", "loc_lyon_new")
	for name, want := range map[string]string{sandbox.Lyon: "loc_lyon_new", "lyon-old": "loc_lyon"} {
		if got, err := s.Index.LocationID(s.ctx, world.Org, name); err != nil || got != want {
			t.Errorf("the index takes %s for %q, %v, want %s", name, got, err, want)
		}
	}
}

// TestASlugIsComparedWithEachRead has the index told the wrong thing by a message that is newer than what it knows.
func TestASlugIsComparedWithEachRead(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"the old location is there": false, "the old location is nowhere": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.movesHouse()
			s.order("1", sandbox.Pending)
			s.Platform.Break("loc_paris")
			s.pass(110 * time.Second)
			p := index.Location{ID: "loc_lyon", Slug: sandbox.Lyon, Date: s.Now().Add(55 * time.Second)}
			if gone {
				p.ID = "loc_gone"
			}
			s.must(s.Index.PutLocation(s.ctx, world.Org, p))
			s.rest()
			s.goesTo("1", "loc_lyon_new")
		})
	}
}

func TestALocationNamedByItsIDStaysTheSame(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Incident: noCooldown, Policy: `version: 1
rules:
  - name: paris falls back to the house in Lyon, whatever it is called
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [loc_lyon]}}
default: needs_person
`})
	s.knowsLyon()
	s.movesHouse()
	s.order("2", sandbox.Pending)
	s.breaksAgain()
	s.goesTo("2", "loc_lyon")
}

// toLyon is a policy that names Lyon alone.
const toLyon = `version: 1
rules:
  - name: paris falls back to lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse]}}
default: needs_person
`

func TestASlugThatNobodyBearsIsNoCandidate(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{Policy: toLyon, Incident: noCooldown})
	s.knowsLyon()
	s.renames("loc_lyon", "lyon-old")
	s.order("2", sandbox.Pending)
	s.breaksAgain()
	s.ends("2", "needs_person: no_candidate")
}
