package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"happycolis-reassigner/happycolis/sandbox"
)

func TestTheBooksTellACancelThatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, ShowCanceled: true, After: time.Minute})
	w.cancel("d1")
	w.pass(time.Minute)
	type act struct {
		Operation  string
		Line       string
		Cancelling bool
	}
	var got []act
	for _, e := range w.Books().Entries {
		if e.DeliveryOrder == "d1" {
			got = append(got, act{e.Operation, e.Lines[0].Status, e.Cancelling})
		}
	}
	want := []act{{"seed", "PENDING", false}, {"deliveryOrderCancel", "PENDING", true}, {"deliveryOrderCancel", "CANCELED", true}, {"cancel_confirmed", "CANCELED", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestWhatShowsLinesAndEventIsConfirmedForWhoReadsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how  sandbox.Cancellation
		want bool
	}{
		{sandbox.Cancellation{Hangs: true}, true}, {sandbox.Cancellation{Hangs: true, ShowCanceled: true}, true},
		{sandbox.Cancellation{Hangs: true, EventAtOnce: true}, true}, {sandbox.Cancellation{Hangs: true, ShowCanceled: true, EventAtOnce: true}, false},
	} {
		w := newWorld(t)
		w.pending("d1")
		w.must(w.PersonAsksCancel("d1", c.how))
		entries := w.Books().Entries
		if got := entries[len(entries)-1].Cancelling; got != c.want {
			t.Errorf("%+v: cancelling %v, want %v", c.how, got, c.want)
		}
	}
}

func TestTheBooksTellWhatWasDispatchedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	auto(w, time.Second)
	w.pending("d1")
	w.must(w.PersonCancel("d1"))
	w.pass(time.Minute)
	entries := w.Books().Entries
	if last := entries[len(entries)-1]; last.Operation != "redispatch" || last.Redispatched != "d1" {
		t.Errorf("last entry %+v, want a redispatch of d1", last)
	}
}

func TestTheBooksTellWhatWebhooksTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.draft("d1")
	w.must(w.PersonMove("d1", "lyon"))
	w.pass(time.Minute)
	w.AddFault(sandbox.Fault{Kind: sandbox.WebhookDated, After: 168 * time.Hour, Count: 1})
	w.AddFault(sandbox.Fault{Kind: sandbox.WebhookDated, After: -time.Hour, Count: 1})
	w.Announce("delivery_order/updated", "d1")
	w.Announce("delivery_order/updated", "d1")
	w.pass(time.Minute)
	w.status = http.StatusServiceUnavailable
	w.must(w.PersonCancel("d1"))
	w.pass(time.Minute)
	start := time.Date(2026, 5, 17, 14, 0, 0, 0, time.UTC)
	want := []sandbox.WebhookRead{
		{At: start, ID: "d1", Location: lyon, Status: "DRAFT", Live: true},
		{At: start.Add(time.Minute - time.Hour), ID: "d1", Location: lyon, Status: "DRAFT", Live: true},
		{At: start.Add(time.Minute), ID: "d1", Location: lyon, Status: "DRAFT", Live: true}, // dated next week
	}
	if diff := cmp.Diff(want, w.Books().WebhookReads, cmpopts.IgnoreFields(sandbox.WebhookRead{}, "Seq")); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestTheBooksTellThatADeliveryOrderWasNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.AddFault(sandbox.Fault{Kind: sandbox.Vanished, DeliveryOrder: "d1"})
	w.look("d1")
	if reads := w.Books().Reads; len(reads) != 1 || reads[0].ID != "d1" || reads[0].State != "NOT_FOUND" {
		t.Errorf("reads %+v", reads)
	}
}
