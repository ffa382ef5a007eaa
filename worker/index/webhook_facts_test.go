package index_test

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

var telling = []story{
	{"what only webhooks tell survives a read that cannot tell it", survivesRead},
	{"what is not told again is kept, what is told again is replaced", toldAgain},
	{"an older webhook adds what was never told, and replaces nothing", toldLate},
	{"that there is no pickup point is remembered as that", noPickup},
	{"of CANCELED events the most and the latest ever shown are kept, and that a webhook showed one", canceledGrows},
	{"the latest refused cancellation is kept, whatever comes in which order", cancelRejected},
}

// told is e with everything that only webhooks tell.
func told(e index.Entry) index.Entry {
	pickup := true
	e.Facts = index.WebhookFacts{Pickup: &pickup, OrderType: "B2C", Issued: noon.Add(-time.Hour), OrderLines: map[string]string{"dl_" + e.ID: "ol_" + e.ID}}
	return e
}

func survivesRead(t *testing.T, s *store) {
	e := told(order("do_1", 0))
	s.put(t, e, "m1", true)
	read := order("do_1", 1)
	read.Status = "OPENED"
	s.put(t, read, "", true)
	read.Facts = e.Facts
	s.want(t, read)
}

func toldAgain(t *testing.T, s *store) {
	first := told(order("do_1", 0))
	s.put(t, first, "m1", true)
	second := order("do_1", 1)
	pickup := false
	second.Facts.Pickup = &pickup
	s.put(t, second, "m2", true)
	second.Facts.OrderType, second.Facts.Issued, second.Facts.OrderLines = first.Facts.OrderType, first.Facts.Issued, first.Facts.OrderLines
	s.want(t, second)
}

func toldLate(t *testing.T, s *store) {
	newer := order("do_1", 1)
	newer.Facts.OrderType = "B2B"
	s.put(t, newer, "m1", true)
	s.put(t, order("do_1", 2), "", true)
	older := told(order("do_1", 0))
	s.put(t, older, "m2", false)
	want := order("do_1", 2)
	want.Facts = older.Facts
	want.Facts.OrderType = "B2B"
	s.want(t, want)
}

func noPickup(t *testing.T, s *store) {
	e := order("do_1", 0)
	pickup := false
	e.Facts.Pickup = &pickup
	s.put(t, e, "m1", true)
	s.want(t, e)
}

func cancelRejected(t *testing.T, s *store) {
	e := told(order("do_1", 10))
	e.Facts.CancelRejected = e.Date
	s.put(t, e, "m1", true)
	older := order("do_1", 5)
	older.Facts.CancelRejected = older.Date
	s.put(t, older, "m2", false)
	s.want(t, e)
	later := order("do_1", 20) // says nothing of it
	s.put(t, later, "m3", true)
	later.Facts = e.Facts
	s.want(t, later)
	again := order("do_1", 15) // is no news as an entry, but as a refusal
	again.Facts.CancelRejected = again.Date
	s.put(t, again, "m4", false)
	later.Facts.CancelRejected = again.Date
	s.want(t, later)
}

func canceledGrows(t *testing.T, s *store) {
	for i, c := range []struct {
		shown   index.Canceled
		message string
		want    index.Canceled
	}{
		{index.Canceled{Number: 1}, "", index.Canceled{Number: 1}},
		{index.Canceled{Number: 3, Last: noon}, "", index.Canceled{Number: 3, Last: noon}},
		{index.Canceled{Number: 2, Last: noon.Add(time.Hour)}, "m1", index.Canceled{Number: 3, Last: noon.Add(time.Hour), Recorded: true}},
		{index.Canceled{Number: 1, Last: noon}, "", index.Canceled{Number: 3, Last: noon.Add(time.Hour), Recorded: true}},
	} {
		e := order("do_1", i)
		e.Canceled = c.shown
		s.put(t, e, c.message, true)
		got, _, err := s.Get(t.Context(), s.org, "do_1")
		if must(t, err); got.Canceled != c.want {
			t.Errorf("after %+v: got %+v, want %+v", c.shown, got.Canceled, c.want)
		}
	}
}
