package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// SweepStatus is what the last sweep of an organization did, and where the next one continues.
type SweepStatus struct {
	At         time.Time `json:"at,omitzero"`
	Open       int       `json:"open"`           // open incidents, each of which was observed
	Locations  int       `json:"places"`         // locations without an incident that are worth reading
	Read       int       `json:"asked"`          // how many of those were read this time
	Reconciled int       `json:"settled"`        // rows that needed an operator, seem settled, and were driven on
	Requests   int       `json:"requests"`       // requests to the platform
	Next       string    `json:"next,omitempty"` // the location that was read last; the next sweep continues after it
}

// SaveSweepStatus records a sweep.
func (j *Journal) SaveSweepStatus(ctx context.Context, organization string, s SweepStatus) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("recording the sweep: %w", err)
	}
	if err := j.rdb.Set(ctx, keys(organization).sweepStatus(), body, 0).Err(); err != nil {
		return fmt.Errorf("recording the sweep: %w", err)
	}
	return nil
}

// LastSweepStatus returns the status of the last sweep; zero if there was none. One that cannot be read counts as
// none, and the next sweep starts at the beginning.
func (j *Journal) LastSweepStatus(ctx context.Context, organization string) (SweepStatus, error) {
	text, err := orEmpty(j.rdb.Get(ctx, keys(organization).sweepStatus()).Result())
	if err != nil {
		return SweepStatus{}, fmt.Errorf("reading the last sweep: %w", err)
	}
	var s SweepStatus
	if text == "" || json.Unmarshal([]byte(text), &s) != nil {
		s = SweepStatus{}
	}
	return s, nil
}
