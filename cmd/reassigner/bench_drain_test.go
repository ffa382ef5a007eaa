//go:build bench

package main

import (
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
)

// The drain of the bench: everything PENDING, on a platform that is generous and not near.
const (
	drainOrders    = 2000
	drainLatency   = 50 * time.Millisecond
	drainPerSecond = 100
	drainPerMinute = 60 * drainPerSecond
	drainSlowMost  = 1.25 // times what the requests take at the full rate
)

// benchPolicy sends everything from Paris to Lyon.
const benchPolicy = `version: 1
rules:
  - name: paris falls back to lyon
    when: {from: [paris-warehouse]}
    then: {reassign: {candidates: [lyon-warehouse], prefer: [listed_order]}}
default: needs_person
`

func TestBenchDrain(t *testing.T) {
	r := newRig(t, buildBinary(t), rigOptions{seed: 1, processes: 1, request: 15 * time.Second, latency: drainLatency,
		perMinute: drainPerMinute, policy: benchPolicy})
	r.start()
	r.pending(drainOrders, true)
	r.heard()
	indexed := r.bytesOf(t)
	r.drain(sandbox.Paris)

	r.judgeRate(t, fmt.Sprint(drainOrders, " PENDING delivery orders"), drainOrders)
	moved := r.records(func(x *journal.Reassignment) bool { return x.State == journal.Reassigned })
	if len(moved) != drainOrders {
		t.Errorf("%d of %d were reassigned", len(moved), drainOrders)
	}
	indexed.print(t, "once indexed", drainOrders)
	r.bytesOf(t).print(t, "once reassigned", drainOrders)
}

// TestBenchMixedDrain has every second delivery order begun by its location, which takes one read, and every
// fourth a DRAFT, which takes three requests.
func TestBenchMixedDrain(t *testing.T) {
	r := newRig(t, buildBinary(t), rigOptions{seed: 1, processes: 1, request: 15 * time.Second, latency: drainLatency,
		perMinute: drainPerMinute, policy: benchPolicy})
	r.start()
	r.deliveryOrders(drainOrders, true, func(i int, d *sandbox.DeliveryOrder) {
		switch i % 4 {
		case 0, 2:
			for l := range d.Lines {
				d.Lines[l].Status = sandbox.LineInProgress
			}
		case 1:
			d.Status, d.Events = sandbox.Draft, nil
		}
	})
	r.heard()
	r.drain(sandbox.Paris)
	r.judgeRate(t, fmt.Sprint(drainOrders, " mixed delivery orders"), drainOrders)
	moved := r.records(func(x *journal.Reassignment) bool { return x.State == journal.Reassigned })
	if len(moved) != drainOrders/2 {
		t.Errorf("%d of %d were reassigned, want half", len(moved), drainOrders)
	}
}

// judgeRate tells how much of the platform's rate a drain used.
func (r *loadFixture) judgeRate(t *testing.T, what string, n int) {
	t.Helper()
	books := r.platform.Books()
	first, last, requests := span(books)
	took := last.Sub(first)
	least := time.Duration(float64(requests) / drainPerSecond * float64(time.Second))
	ratio := took.Seconds() / least.Seconds()
	t.Logf("%s, %d requests (%.2f each) in %.1f s; at %d a second they take %.1f s; %d answered 429; ratio %.3f%s",
		what, requests, float64(requests)/float64(n), took.Seconds(), drainPerSecond, least.Seconds(), books.Throttled,
		ratio, judged(ratio <= drainSlowMost, "at most %.2f", drainSlowMost))
	if books.Throttled > 0 {
		t.Errorf("%d requests were answered 429, want none", books.Throttled)
	}
}

// span is from the first to the last act of the API on a delivery order, and how many requests there were.
func span(books sandbox.Books) (first, last time.Time, requests int) {
	for _, e := range books.Entries {
		if e.DeliveryOrder == "" || e.Actor != "api:"+demo.Organization {
			continue
		}
		if first.IsZero() {
			first = e.Sent
		}
		last = e.At
	}
	return first, last, books.Requests["http"]
}

// pending makes a merchant whose delivery orders are all PENDING at Paris. Those that are not announced are
// on the platform only.
func (r *loadFixture) pending(n int, announced bool) {
	r.deliveryOrders(n, announced, func(int, *sandbox.DeliveryOrder) {})
}

// deliveryOrders makes them as pending does, each changed as told.
func (r *loadFixture) deliveryOrders(n int, announced bool, change func(i int, d *sandbox.DeliveryOrder)) {
	at := map[string]string{}
	for _, slug := range []string{sandbox.Paris, sandbox.Lyon} {
		at[slug] = "location-" + slug
		r.platform.AddLocation(sandbox.Location{ID: at[slug], Organization: demo.Organization, Slug: slug, Active: true, Allowed: []string{"FR"}})
	}
	add := r.platform.AddDeliveryOrder
	if !announced {
		add = r.platform.AddSilently
	}
	for i := range n {
		id := fmt.Sprintf("%08x-41a8-4b62-8f3e-007d3c9bf778", i)
		r.platform.AddOrder(sandbox.Order{ID: "order-" + id, Organization: demo.Organization, Number: fmt.Sprintf("SO-%d", 10001+i),
			Lines: []sandbox.OrderLine{{ID: "line-a-" + id, SKU: "MUG-GREEN", Quantity: 2}, {ID: "line-b-" + id, SKU: "TEAPOT-08", Quantity: 1}}})
		d := sandbox.DeliveryOrder{ID: id, Orders: []string{"order-" + id}, Location: at[sandbox.Paris], Status: sandbox.Pending,
			Events: []string{sandbox.EventRequested}, Lines: []sandbox.Line{{SKU: "MUG-GREEN", Quantity: 2}, {SKU: "TEAPOT-08", Quantity: 1}}}
		change(i, &d)
		add(d)
		r.inFlight = append(r.inFlight, id)
	}
}
