//go:build bench

package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/index"
)

// The memory bench compares a process under a small incident with one under a large one.
const (
	memorySmall    = 2_000
	memoryLarge    = 20_000
	memoryMost     = 1.3              // times the peak of the small one
	memoryDraining = 30 * time.Second // of the drain are watched, once everything is enrolled
	enrolledMost   = 2 * time.Minute
)

// TestBenchMemory reads the peak of the resident memory of a serve process (VmHWM of Linux) that was started,
// enrolled everything in flight at a failing location, and then drained for a while.
func TestBenchMemory(t *testing.T) {
	binary := buildBinary(t)
	small, large := peakMemory(t, binary, memorySmall), peakMemory(t, binary, memoryLarge)
	ratio := large / small
	t.Logf("peak memory with %d in flight %.1f MiB, with %d %.1f MiB; ratio %.2f%s", memorySmall, small, memoryLarge, large,
		ratio, judged(ratio <= memoryMost, "at most %.2f", memoryMost))
}

func peakMemory(t *testing.T, binary string, n int) (mebibytes float64) {
	t.Helper()
	r := newRig(t, binary, rigOptions{seed: 1, processes: 1, request: 15 * time.Second, perMinute: drainPerMinute, policy: benchPolicy})
	r.pending(n, false)
	r.remember()
	r.start()
	r.platform.Break(sandbox.Paris)
	for end := time.Now().Add(enrolledMost); ; time.Sleep(lookEvery) {
		if p, err := r.progress(); err == nil && p.enrolled >= n {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d are not enrolled after %s", n, enrolledMost)
		}
	}
	for end := time.Now().Add(memoryDraining); time.Now().Before(end); {
		time.Sleep(lookEvery)
	}
	p, err := r.progress()
	if err != nil {
		t.Fatal(err)
	}
	peak := r.processes[0].peak()
	t.Logf("%d in flight: peak %.1f MiB, %d at rest by then", n, peak, p.resting)
	r.processes[0].kill()
	return peak
}

// remember puts what is in flight into the index as an import does.
func (r *loadFixture) remember() {
	r.t.Helper()
	x := index.New(r.rdb)
	for _, d := range r.platform.Books().DeliveryOrders {
		e := index.Entry{ID: d.ID, Number: d.Number, Location: d.Location, Orders: d.Orders, Status: d.Status, Priority: d.Priority,
			Events: d.Events, Date: time.Now()}
		for _, l := range d.Lines {
			e.Lines = append(e.Lines, index.Line{ID: l.ID, SKU: l.SKU, Status: l.Status, Quantity: l.Quantity})
		}
		if _, err := x.Put(r.t.Context(), demo.Organization, e, ""); err != nil {
			r.t.Fatal(err)
		}
	}
}

// peak is the largest resident memory that the process had, in MiB.
func (p *instance) peak() float64 {
	p.t.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		p.t.Skipf("the peak of a process's memory is read from /proc: %v", err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kibibytes float64
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %f kB", &kibibytes); err == nil {
			return kibibytes / 1024
		}
	}
	p.t.Fatal("/proc tells no VmHWM")
	return 0
}

// usage is the bytes that Redis needs, by what the keys are for.
type usage map[string]int64

// The sorts of keys, by what follows the organization; the rest is counted as other.
var sorts = []struct{ prefix, name string }{
	{"asynq:", "tasks (finished ones are kept 10 min)"},
	{"do:", "index: delivery orders"}, {"flight:", "index: in flight by location"}, {"seen:", "index: messages seen (48 h)"},
	{"re:", "journal: records"}, {"name:", "journal: names"}, {"inc:", "journal: incidents and their rows"},
	{"lineage", "journal: lineages"}, {"watch", "journal: watched"}, {"open", "journal: open"}, {"due", "journal: due"},
}

// bytesOf asks Redis for the memory of every key.
func (r *loadFixture) bytesOf(t *testing.T) usage {
	t.Helper()
	u := usage{}
	prefix := "reassigner:{" + demo.Organization + "}:"
	keys := r.rdb.Scan(t.Context(), 0, "*", 1000).Iterator()
	for keys.Next(t.Context()) {
		n, err := r.rdb.MemoryUsage(t.Context(), keys.Val(), 0).Result()
		if err != nil {
			continue // it expired meanwhile
		}
		name := "other"
		for _, s := range sorts {
			if strings.HasPrefix(strings.TrimPrefix(keys.Val(), prefix), s.prefix) {
				name = s.name
			}
		}
		u[name] += n
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
	return u
}

func (u usage) print(t *testing.T, when string, n int) {
	t.Helper()
	var text strings.Builder
	sums := map[string]int64{}
	for _, name := range slices.Sorted(maps.Keys(u)) {
		fmt.Fprintf(&text, "\n    %6d  %s", u[name]/int64(n), name)
		sort, _, _ := strings.Cut(name, ":")
		sums[sort] += u[name]
	}
	t.Logf("bytes of Redis for each of %d delivery orders, %s: index %d, journal %d%s", n, when, sums["index"]/int64(n), sums["journal"]/int64(n), text.String())
}
