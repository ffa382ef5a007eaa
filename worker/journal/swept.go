package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Swept is what the last sweep of an organization did, and where the next one goes on.
type Swept struct {
	At       time.Time `json:"at,omitzero"`
	Open     int       `json:"open"`           // incidents, each observed
	Places   int       `json:"places"`         // locations without incident that are worth a look
	Asked    int       `json:"asked"`          // of those, this time
	Settled  int       `json:"settled"`        // rows that needed a person and were driven on
	Requests int       `json:"requests"`       // to the platform
	Next     string    `json:"next,omitempty"` // the location asked last
}

// SaveSwept records a sweep.
func (j *Journal) SaveSwept(ctx context.Context, organization string, s Swept) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("recording the sweep: %w", err)
	}
	if err := j.rdb.Set(ctx, keys(organization).swept(), body, 0).Err(); err != nil {
		return fmt.Errorf("recording the sweep: %w", err)
	}
	return nil
}

// LastSwept returns the last sweep; zero if there was none. One that cannot be read counts as none: the next
// sweep begins anew.
func (j *Journal) LastSwept(ctx context.Context, organization string) (Swept, error) {
	text, err := orEmpty(j.rdb.Get(ctx, keys(organization).swept()).Result())
	if err != nil {
		return Swept{}, fmt.Errorf("reading the last sweep: %w", err)
	}
	var s Swept
	if text == "" || json.Unmarshal([]byte(text), &s) != nil {
		s = Swept{}
	}
	return s, nil
}
