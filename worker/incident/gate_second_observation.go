package incident

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/worker/journal"
)

// reading is what a read of a location showed.
type reading struct {
	failed bool // ERROR, of the integration that failed
	detail string
}

// readsError is the reading of a location that has failed.
var readsError = reading{failed: true, detail: "integration reads ERROR"}

// observationGate holds while the location reads neither ERROR nor recovered: another integration, none, or one that
// is INACTIVE or PENDING. Between observations it returns what the last one read: a page does not cause a read.
func (c *gateCheck) observationGate(context.Context, time.Time) (judgement, error) {
	if c.read != nil {
		return judgement{holds: !c.read.failed, detail: c.read.detail}, nil
	}
	if last, known := findGate(c.inc.Gates, gateObservation); known {
		return judgement{holds: !last.Pass, detail: last.Detail}, nil
	}
	return judgement{detail: readsError.detail}, nil
}

// findGate returns the answer of the gate of that name.
func findGate(judged []journal.Gate, name string) (journal.Gate, bool) {
	at := slices.IndexFunc(judged, func(g journal.Gate) bool { return g.Name == name })
	if at < 0 {
		return journal.Gate{}, false
	}
	return judged[at], true
}
