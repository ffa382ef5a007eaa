//go:build bench

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// The plan bench compares a process that plans a small incident with one that plans a large one.
const (
	planSmall     = 500
	planLarge     = 5_000
	planAbove     = 200 // delivery orders: more wait for an approval
	planPerMinute = 60_000
	planWaits     = time.Minute // at the most, until the incident waits
)

// TestBenchPlanMemory reads the peak of the resident memory of a serve process that planned everything in flight at a
// failing location, and the platform's books: nothing moves before an operator approved.
func TestBenchPlanMemory(t *testing.T) {
	binary := buildBinary(t)
	small, large := peakOfPlan(t, binary, planSmall), peakOfPlan(t, binary, planLarge)
	ratio := large / small
	t.Logf("peak memory of a plan of %d %.1f MiB, of %d %.1f MiB; ratio %.2f%s", planSmall, small, planLarge, large,
		ratio, judged(ratio <= memoryMost, "at most %.2f", memoryMost))
}

func peakOfPlan(t *testing.T, binary string, n int) (mebibytes float64) {
	t.Helper()
	r := newRig(t, binary, rigOptions{seed: 1, processes: 1, request: 15 * time.Second, perMinute: planPerMinute, policy: benchPolicy, approveAbove: planAbove})
	r.pending(n, false)
	r.remember()
	r.start()
	r.platform.Break(sandbox.Paris)
	path := "/api/incidents/" + r.waiting()
	a := &asker{base: "http://" + r.processes[0].admin}
	begun := time.Now()
	var planned api.IncidentDetail
	if err := a.post(t.Context(), path+"/approve", api.ApproveRequest{DryRun: true}, &planned); err != nil {
		t.Fatal(err)
	}
	if got := planned.Record.Plan.Orders; got != n {
		t.Errorf("the plan has %d delivery orders, want %d", got, n)
	}
	var rows []api.PlanRow
	if err := a.get(t.Context(), path+"/plan", &rows); err != nil || len(rows) != n {
		t.Errorf("%d rows are shown, want %d: %v", len(rows), n, err)
	}
	for _, e := range r.platform.Books().Entries {
		if strings.HasPrefix(e.Actor, "api:") {
			t.Fatalf("%s of %s came before anybody approved", e.Operation, e.DeliveryOrder)
		}
	}
	peak := r.processes[0].peak()
	t.Logf("a plan of %d: peak %.1f MiB, made in %s", n, peak, time.Since(begun).Round(time.Second))
	r.processes[0].kill()
	return peak
}

// waiting returns the incident once it waits for an approval.
func (r *loadFixture) waiting() (id string) {
	r.t.Helper()
	for end := time.Now().Add(planWaits); time.Now().Before(end); time.Sleep(lookEvery) {
		ids, err := r.journal.IncidentIDs(r.t.Context(), demo.Organization)
		if err != nil || len(ids) == 0 {
			continue
		}
		inc, err := r.journal.Incident(r.t.Context(), demo.Organization, ids[0])
		if err == nil && inc.State == journal.AwaitingApproval {
			return inc.ID
		}
	}
	r.t.Fatalf("no incident waits for an approval after %s", planWaits)
	return ""
}

func (a *asker) post(ctx context.Context, path string, send, into any) error {
	body, err := json.Marshal(send)
	if err != nil {
		return err
	}
	return a.ask(ctx, http.MethodPost, path, bytes.NewReader(body), into)
}
