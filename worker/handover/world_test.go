package handover_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/world"
)

// fixture is a world with three locations and the means to tell a story in it.
type fixture struct {
	*world.World
	t   teller
	ctx context.Context
}

// teller is what a story needs of a test; a generated test's is not testing.TB.
type teller interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// anyShare is for stories in which more of the three locations fail than a drain may go on with.
func anyShare(i *incident.Settings) { i.MaxShare = 1 }

func newShop(t testing.TB, o world.Options) *fixture {
	t.Helper()
	s := openShop(t, o)
	t.Cleanup(s.Close)
	return s
}

// openShop makes a shop that the caller closes.
func openShop(t teller, o world.Options) *fixture {
	t.Helper()
	w, err := world.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []sandbox.Location{
		{ID: "loc_paris", Slug: sandbox.Paris}, {ID: "loc_lyon", Slug: sandbox.Lyon}, {ID: "loc_lille", Slug: sandbox.Lille, Type: sandbox.Internal},
	} {
		l.Organization, l.Active, l.Country = world.Org, true, "FR"
		w.Platform.AddLocation(l)
	}
	return &fixture{World: w, t: t, ctx: context.Background()}
}

// order adds an order of 2 mugs and a tray with one delivery order at Paris; change may alter either.
func (s *fixture) order(id, status string, change ...func(*sandbox.Order, *sandbox.DeliveryOrder)) {
	s.t.Helper()
	o := sandbox.Order{ID: "ord_" + id, Organization: world.Org, Number: "SO-" + id, Lines: []sandbox.OrderLine{
		{ID: "ol_" + id + "_1", SKU: "MUG", Quantity: 2}, {ID: "ol_" + id + "_2", SKU: "TRAY", Quantity: 1}}}
	line := sandbox.LinePending
	if status == sandbox.Draft {
		line = sandbox.LineNew
	}
	d := sandbox.DeliveryOrder{ID: "do_" + id, Number: "SO-" + id, Location: "loc_paris", Orders: []string{o.ID}, Status: status, Lines: []sandbox.Line{
		{ID: "dl_" + id + "_1", OrderLine: "ol_" + id + "_1", SKU: "MUG", Status: line, Quantity: 2},
		{ID: "dl_" + id + "_2", OrderLine: "ol_" + id + "_2", SKU: "TRAY", Status: line, Quantity: 1}}}
	if status != sandbox.Draft {
		d.Events = []string{sandbox.EventRequested}
	}
	for _, f := range change {
		f(&o, &d)
	}
	s.Platform.AddOrder(o)
	s.Platform.AddDeliveryOrder(d)
	s.pass(time.Second)
}

func automatic(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Dispatching = sandbox.Automatic }

func manual(o *sandbox.Order, _ *sandbox.DeliveryOrder) { o.Dispatching = sandbox.Manual }

func (s *fixture) pass(d time.Duration) {
	s.t.Helper()
	if err := s.Advance(s.ctx, d); err != nil {
		s.t.Fatalf("%v\n%s", err, s.story())
	}
}

// breaks lets Paris fail and runs until everything rests.
func (s *fixture) breaks() {
	s.t.Helper()
	s.Platform.Break("loc_paris")
	s.rest()
}

func (s *fixture) rest() {
	s.t.Helper()
	if err := s.RunUntilIdle(s.ctx, 3*time.Hour); err != nil {
		s.t.Fatalf("%v\n%s", err, s.story())
	}
}

// row is the reassignment of a delivery order.
func (s *fixture) row(id string) *journal.Reassignment {
	s.t.Helper()
	rows, err := s.Rows(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Identity.DeliveryOrder == "do_"+id {
			return r
		}
	}
	s.t.Fatalf("no row for do_%s", id)
	return nil
}

// ends checks how a row ended: "reassigned", or "state: reason".
func (s *fixture) ends(id, want string) {
	s.t.Helper()
	r := s.row(id)
	got := string(r.State)
	if r.Reason != "" {
		got += ": " + string(r.Reason)
	}
	if got != want {
		s.t.Errorf("do_%s ended as %q, want %q\n%s", id, got, want, s.story())
	}
}

// closed checks that the incident is over.
func (s *fixture) closed() {
	s.t.Helper()
	inc, err := s.Incident(s.ctx)
	s.must(err)
	if inc.State != journal.Closed {
		s.t.Errorf("the incident is %s, want closed\n%s", inc.State, s.story())
	}
}

// holds has the judge read the platform's books.
func (s *fixture) holds() {
	s.t.Helper()
	v, err := s.Judge(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	if !v.Holds() {
		s.t.Errorf("the judge sees:\n%s\n%s", v, s.story())
	}
}

// story is the history of every row, for a failed test.
func (s *fixture) story() string {
	rows, err := s.Rows(context.Background())
	if err != nil {
		return err.Error()
	}
	text := ""
	for _, r := range rows {
		text += fmt.Sprintf("%s %s %s step=%s to=%s replacement=%s former=%v intent=%+v\n", r.Identity.DeliveryOrder, r.State, r.Reason, r.Step, r.Decision.To, r.Replacement.ID, r.Replacement.Past, r.Intent)
		for _, e := range r.History {
			text += fmt.Sprintf("  %s %-16s %s %s\n", e.At.Format("15:04:05"), e.Step, e.Note, e.By)
		}
	}
	return text
}

// webhooks counts those that a story posts by itself.
var webhooks atomic.Int64

// webhook posts a webhook that the platform did not send, or not at this moment.
func (s *fixture) webhook(kind string, date time.Time, body string) {
	s.t.Helper()
	text := fmt.Sprintf(`{"header":{"organizationId":%q,"messageId":"posted-%d","webhookId":"w","type":%q,"date":%q},"body":%s}`,
		world.Org, webhooks.Add(1), kind, date.UTC().Format("2006-01-02T15:04:05.000Z"), body)
	if answer := s.PostWebhook([]byte(text), webhook.Sign([]byte(text), "secret")); answer.Code != 200 {
		s.t.Fatalf("%s was answered %d", kind, answer.Code)
	}
}
