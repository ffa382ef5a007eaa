package sandbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

func seeded(seed int64) (*sandbox.Platform, sandbox.Merchant) {
	p := sandbox.New(sandbox.Options{Now: func() time.Time { return time.Date(2026, 5, 17, 0, 0, 0, 0, time.UTC) }})
	return p, sandbox.Seed(p, sandbox.SeedOptions{Organization: org, Orders: 100, Seed: seed})
}

func TestSeedShowsEverything(t *testing.T) {
	t.Parallel()
	p, m := seeded(1)
	b := p.Books()
	if len(b.Orders) != 100 || len(m.Orders) != 100 || len(m.Locations) != 3 {
		t.Fatalf("%d orders, %d in the merchant, %d locations", len(b.Orders), len(m.Orders), len(m.Locations))
	}
	if share := float64(len(m.InFlight)) / float64(len(m.DeliveryOrders)); share < 0.6 || share > 0.8 {
		t.Errorf("%.2f in flight at Paris, want about 0.7", share)
	}
	seen := map[string]int{}
	for _, o := range b.Orders {
		seen[o.Country]++
		seen[o.Dispatching]++
		seen["priority "+o.Priority]++
		if len(o.Lines) > 1 && o.Lines[0].SKU == o.Lines[len(o.Lines)-1].SKU {
			seen["the same SKU twice"]++
		}
	}
	for _, d := range b.DeliveryOrders {
		seen[d.Status]++
		seen[d.Lines[0].Status]++
		if len(d.Orders) > 1 {
			seen["several orders"]++
		}
		if d.Pickup {
			seen["a pickup point"]++
		}
		if d.Shipments > 0 {
			seen["a shipment"]++
		}
	}
	for _, want := range []string{
		"FR", "BE", "DE", "MANUAL", "AUTOMATIC", "priority HIGH", "priority NORMAL", "priority LOW", "DRAFT", "PENDING",
		"OPENED", "COMPLETED", "CANCELED", "IN_PROGRESS", "DELIVERED", "several orders", "a pickup point", "a shipment", "the same SKU twice",
	} {
		if seen[want] == 0 {
			t.Errorf("no order shows %s", want)
		}
	}
	if seen["MANUAL"] < seen["AUTOMATIC"] {
		t.Errorf("%d manual and %d automatic orders, want mostly manual", seen["MANUAL"], seen["AUTOMATIC"])
	}
	if v := sandbox.Judge(b, nil); !v.Holds() {
		t.Errorf("the seed breaks promises:\n%s", v)
	}
}

func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	p1, m1 := seeded(3)
	p2, m2 := seeded(3)
	if diff := cmp.Diff(m1, m2); diff != "" {
		t.Errorf("two merchants of one seed differ:\n%s", diff)
	}
	if diff := cmp.Diff(p1.Books(), p2.Books()); diff != "" {
		t.Errorf("two worlds of one seed differ:\n%s", diff)
	}
	if _, other := seeded(4); other.Orders[0] == m1.Orders[0] {
		t.Error("another seed made the same ids")
	}
}
