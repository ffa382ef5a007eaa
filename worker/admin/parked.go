package admin

import (
	"context"
	"net/http"
	"time"

	"happycolis-reassigner/worker/intake"
)

// ParkedRow is a webhook that was signed correctly but not understood.
type ParkedRow struct {
	OrganizationID string `json:"organization_id"`
	intake.Parked
}

// handleParked answers with the newest parked webhooks.
func (d *Server) handleParked(w http.ResponseWriter, r *http.Request) error {
	return writeNewest(d, w, r, func(ctx context.Context, id string, most int) ([]ParkedRow, error) {
		found, err := intake.ListParked(ctx, d.Redis, id, int64(most))
		rows := make([]ParkedRow, 0, len(found))
		for _, p := range found {
			rows = append(rows, ParkedRow{id, p})
		}
		return rows, err
	}, func(row ParkedRow) time.Time { return row.At })
}
