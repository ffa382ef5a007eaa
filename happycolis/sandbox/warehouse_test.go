package sandbox_test

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

func TestMoodsOfAFallback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		mood  sandbox.Fault
		lines string
		state string
	}{
		{"accepts", sandbox.Fault{Kind: sandbox.Accept, After: 30 * time.Second}, "ACCEPTED ACCEPTED", "ACTIVE"},
		{"is not done yet", sandbox.Fault{Kind: sandbox.Accept, After: 2 * time.Hour}, "PENDING PENDING", "ACTIVE"},
		{"rejects", sandbox.Fault{Kind: sandbox.Reject}, "REJECTED REJECTED", "ACTIVE"},
		{"rejects its first line", sandbox.Fault{Kind: sandbox.RejectPart}, "REJECTED ACCEPTED", "ACTIVE"},
		{"stays silent", sandbox.Fault{Kind: sandbox.Silent}, "PENDING PENDING", "ACTIVE"},
		{"accepts, then breaks", sandbox.Fault{Kind: sandbox.AcceptThenError, After: time.Minute}, "ACCEPTED ACCEPTED", "ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.mood.Location = "lyon"
			w.AddFault(c.mood)
			id := w.created(lyon)
			w.open(id)
			w.request(id)
			w.pass(time.Hour)
			if got := w.lineStates(id); got != c.lines {
				t.Errorf("lines = %s, want %s", got, c.lines)
			}
			if got := w.Books().Locations[1].IntegrationState; got != c.state {
				t.Errorf("integration = %s, want %s", got, c.state)
			}
		})
	}
	t.Run("an internal location never answers", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.created(lille)
		w.open(id)
		w.request(id)
		w.pass(time.Hour)
		if got := w.lineStates(id); got != "PENDING PENDING" {
			t.Errorf("lines = %s, want PENDING", got)
		}
	})
}

func TestWarehouseByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending("d1")
	w.Break("paris")
	if err := w.WarehouseAccept("d1"); err != nil || w.lineStates("d1") != "ACCEPTED ACCEPTED" {
		t.Errorf("accept: %v, %s", err, w.lineStates("d1"))
	}
	if err := w.WarehouseOpen("d1"); err != nil || w.at("d1").Status != sandbox.Opened {
		t.Errorf("open: %v, %s", err, w.at("d1").Status)
	}
	if err := w.WarehouseReject("d1"); err == nil {
		t.Error("a delivery order that is OPENED was rejected")
	}
	if err := w.WarehouseShip("nope"); err == nil {
		t.Error("an unknown delivery order was shipped")
	}
}
