package world_test

import (
	"context"
	"os"
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

func TestASeededMerchantIsDrained(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w, err := world.New(world.Options{Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	m := sandbox.Seed(w.Platform, sandbox.SeedOptions{Organization: world.Org, Orders: 40, Seed: 7})
	if err := w.Advance(ctx, time.Second); err != nil {
		t.Fatal(err)
	}
	w.Platform.Break(sandbox.Paris)
	if err := w.RunUntilIdle(ctx, 2*time.Hour); err != nil {
		t.Error(err)
	}
	rows, err := w.Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		t.Log(r.Identity.DeliveryOrder, r.Original.Status, r.State, r.Reason, r.Step, r.Decision.To, r.Replacement.ID, r.Original.Dispatch)
	}
	t.Log(len(m.InFlight))
	v, err := w.Judge(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Holds() {
		t.Errorf("%s", v)
	}
	inc, _ := w.Incident(ctx)
	t.Logf("%+v", inc)
	b := w.Platform.Books()
	t.Log(b.Requests)
}
