package handover_test

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/world"
)

// tells posts a webhook that says of a delivery order in DRAFT that it is at a location, dated so much after now.
func (s *fixture) tells(id, location, message string, dated time.Duration) {
	s.t.Helper()
	body := []byte(fmt.Sprintf(`{"header":{"organizationId":%q,"messageId":%q,"webhookId":"w","type":"delivery_order/updated","date":%q},`+
		`"body":{"id":"do_%[4]s","orderIds":["ord_%[4]s"],"locationId":%[5]q,"organizationId":%[1]q,"type":"B2C","priority":"NORMAL",`+
		`"issuedAt":"2026-05-18T05:00:00.000Z","status":"DRAFT","fulfillmentType":"WAREHOUSE","lines":[`+
		`{"id":"dl_%[4]s_1","sku":"MUG","status":"NEW","quantity":2,"fulfilledQuantity":0},`+
		`{"id":"dl_%[4]s_2","sku":"TRAY","status":"NEW","quantity":1,"fulfilledQuantity":0}],"events":[]}}`,
		world.Org, message, s.Now().Add(dated).UTC().Format("2006-01-02T15:04:05.000Z"), id, location))
	if code := s.PostWebhook(body, webhook.Sign(body, "secret")).Code; code != 200 {
		s.t.Fatalf("the webhook is answered with %d", code)
	}
}

func atLille(_ *sandbox.Order, d *sandbox.DeliveryOrder) { d.Location = "loc_lille" }

func TestAWebhookFromTheFutureHidesNothing(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"two hours": 2 * time.Hour, "ten days": 240 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Draft, atLille)
			s.tells("1", "loc_lille", "m-future", ahead)
			s.must(s.Platform.PersonMove("do_1", sandbox.Paris)) // its webhook is dated today
			s.pass(time.Minute)
			s.breaks()
			s.ends("1", "reassigned")
			age, err := s.Index.Coverage(s.ctx, world.Org)
			s.must(err)
			if age.Last.After(s.Now()) {
				t.Errorf("the index heard last at %s, and it is %s", age.Last, s.Now())
			}
		})
	}
}

func TestAnImportMendsWhatAWrongDateSaid(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Draft)
	s.tells("1", "loc_lille", "m-future", 240*time.Hour) // which is not true
	s.pass(2 * time.Second)
	s.must(s.Import(s.ctx, "ord_1"))
	s.breaks()
	s.ends("1", "reassigned")
}

// TestClocksThatAreApartHideNothing lets webhooks and reads of hosts whose clocks are wrong interleave. The worker is of
// two hosts in turn.
func TestClocksThatAreApartHideNothing(t *testing.T) {
	t.Parallel()
	const slow, fast = -time.Minute, time.Minute
	for _, c := range []struct {
		name              string
		one, other, redis time.Duration // ahead of the platform's
	}{
		{name: "they agree"},
		{name: "our host is a minute slow", one: slow, other: slow},
		{name: "our host is a minute fast", one: fast, other: fast},
		{name: "our host and Redis are a minute slow", one: slow, other: slow, redis: slow},
		{name: "our host and Redis are a minute fast", one: fast, other: fast, redis: fast},
		{name: "our host and Redis are a little more than a minute slow", one: slow - time.Second, other: slow - time.Second, redis: slow - time.Second},
		{name: "our host and Redis are five minutes slow", one: 5 * slow, other: 5 * slow, redis: 5 * slow},
		{name: "two hosts are two minutes apart", one: slow, other: fast},
		{name: "two hosts are two minutes apart, and Redis is with the slow one", one: slow, other: fast, redis: slow},
		{name: "one host is an hour slow", one: -time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{Skew: c.one, RedisSkew: c.redis})
			turn := func() {
				if s.Now().Second()%2 == 0 {
					s.SetSkew(c.other)
				} else {
					s.SetSkew(c.one)
				}
			}
			s.order("1", sandbox.Pending)
			s.order("2", sandbox.Draft, atLille)
			s.order("3", sandbox.Draft, atLille)
			s.tells("3", "loc_lille", "m-future", 240*time.Hour)
			for _, id := range []string{"do_2", "do_3"} {
				turn()
				s.must(s.Import(s.ctx, "ord"+id[2:])) // a read just before the news
				s.must(s.Platform.PersonMove(id, sandbox.Paris))
				s.pass(time.Second)
			}
			s.Platform.Break(sandbox.Paris)
			for range 40 {
				turn()
				s.pass(7 * time.Second)
			}
			s.rest()
			for _, id := range []string{"1", "2", "3"} {
				s.ends(id, "reassigned")
			}
			s.holds()
			age, err := s.Index.Coverage(s.ctx, world.Org)
			s.must(err)
			if !age.BehindSince.IsZero() || age.Last.After(s.Now().Add(c.redis)) {
				t.Errorf("age is %+v, and it is %s", age, s.Now())
			}
		})
	}
}

func TestThePlatformsClockIsBelievedAsFarAsItCanBeRight(t *testing.T) {
	t.Parallel()
	asked := world.Start
	now := asked.Add(3 * time.Second)
	for name, c := range map[string]struct {
		date time.Time
		want time.Time
	}{
		"it agrees":                       {asked, now},
		"it is a minute ahead":            {asked.Add(time.Minute), now.Add(time.Minute)},
		"it is an hour behind":            {asked.Add(-time.Hour), now.Add(-time.Hour)},
		"it is two hours ahead":           {asked.Add(2 * time.Hour), now},
		"it does not say":                 {time.Time{}, now},
		"it is a little more than it may": {asked.Add(61 * time.Second), now},
	} {
		if got := decision.PlatformNow(happycolis.Read{SentAt: asked, Date: c.date}, now); !got.Equal(c.want) {
			t.Errorf("%s: by it it is %s, want %s", name, got, c.want)
		}
	}
}
