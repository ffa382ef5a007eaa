package handover_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// revokes has the token refused with the first request of a mutation, and the next token take its time. meanwhile happens
// before that is there.
func (s *fixture) revokes(mutation string, takes time.Duration, meanwhile func()) {
	revoked := false
	s.Slow = func(r *http.Request) time.Duration {
		switch {
		case world.CallsField(r, mutation) && !revoked:
			revoked = true
			s.Platform.RevokeTokens(world.Org)
		case revoked && strings.HasSuffix(r.URL.Path, "/token"):
			s.Slow = nil
			meanwhile()
			return takes
		}
		return 0
	}
}

// TestAMutationIsNotSentBehindANewToken has a mutation refused for its token, and the world change before another is there:
// it is sent again on fresh reads, or not at all.
func TestAMutationIsNotSentBehindANewToken(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, 14 * time.Second} {
		for name, c := range map[string]struct {
			mutation  string
			meanwhile func(*fixture)
			want      string
		}{
			"the location recovers and accepts": {"deliveryOrderCancel", func(s *fixture) {
				s.Platform.Recover(sandbox.Paris, true)
				s.must(s.Platform.WarehouseAccept("do_1"))
			}, "left: recovered"},
			"work begins":                       {"deliveryOrderCancel", func(s *fixture) { s.must(s.Platform.WarehouseStart("do_1")) }, "needs_person: already_preparing"},
			"somebody sends the goods by hand":  {"deliveryOrderOpen", func(s *fixture) { twin(s) }, "needs_person: over_allocated"},
			"nothing, before the create":        {"deliveryOrderCreate", func(*fixture) {}, "reassigned"},
			"nothing, before the cancel":        {"deliveryOrderCancel", func(*fixture) {}, "reassigned"},
			"nothing, before it is sent":        {"deliveryOrderOpen", func(*fixture) {}, "reassigned"},
			"another worker goes on meanwhile":  {"deliveryOrderCreate", func(s *fixture) { s.must(s.ReplaceWorker()); s.pass(70 * time.Second) }, "reassigned"},
			"another worker goes on, and sends": {"deliveryOrderOpen", func(s *fixture) { s.must(s.ReplaceWorker()); s.pass(70 * time.Second) }, "reassigned"},
		} {
			t.Run(name+" "+takes.String(), func(t *testing.T) {
				t.Parallel()
				s := newShop(t, world.Options{})
				s.order("1", sandbox.Pending)
				s.revokes(c.mutation, takes, func() { c.meanwhile(s) })
				s.breaks()
				s.pass(2 * time.Minute)
				s.rest()
				s.ends("1", c.want)
				s.holds()
			})
		}
	}
}

// TestAPauseBehindANewTokenIsObeyed pauses everything between the refusal of a token and the next one.
func TestAPauseBehindANewTokenIsObeyed(t *testing.T) {
	t.Parallel()
	for _, mutation := range []string{"deliveryOrderCreate", "deliveryOrderCancel", "deliveryOrderOpen"} {
		t.Run(mutation, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, world.Options{})
			s.order("1", sandbox.Pending)
			var paused time.Time
			s.revokes(mutation, 14*time.Second, func() {
				s.pauses(journal.AllLocations)
				paused = s.Now()
			})
			s.Platform.Break(sandbox.Paris)
			s.pass(10 * time.Minute)
			if paused.IsZero() {
				t.Fatal("no token was refused")
			}
			for _, e := range s.Platform.Books().Entries {
				if strings.HasPrefix(e.Actor, "api:") && e.Sent.After(paused) {
					t.Errorf("paused at %s; %s of %s was sent at %s", paused.Format("15:04:05"), e.Operation, e.DeliveryOrder, e.Sent.Format("15:04:05"))
				}
			}
			s.resumes(journal.AllLocations)
			s.rest()
			s.ends("1", "reassigned")
		})
	}
}

// TestAMutationComesRoundAtOnceWithANewToken has the token refused once: nothing is waited for but another one.
func TestAMutationComesRoundAtOnceWithANewToken(t *testing.T) {
	t.Parallel()
	s := newShop(t, world.Options{})
	s.order("1", sandbox.Pending)
	s.revokes("deliveryOrderCancel", 0, func() {})
	s.breaks()
	s.ends("1", "reassigned")
	var prepared, released time.Time
	for _, e := range s.Platform.Books().Entries {
		switch e.Operation {
		case "deliveryOrderCreate":
			prepared = e.At
		case "deliveryOrderCancel":
			released = e.At
		}
	}
	if gap := released.Sub(prepared); gap > 2*time.Second {
		t.Errorf("the cancel came %s after the create, want it at once", gap)
	}
}
