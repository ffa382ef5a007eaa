package desk

import (
	"net/http"
	"slices"

	"happycolis-reassigner/worker/receiver"
)

// ParkedRow is a webhook that was signed and not understood.
type ParkedRow struct {
	OrganizationID string `json:"organization_id"`
	receiver.Parked
}

// parked shows the newest parked webhooks.
func (d *Desk) parked(w http.ResponseWriter, r *http.Request) error {
	organizations, err := d.served(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	most, err := mostOf(r)
	if err != nil {
		return err
	}
	rows := []ParkedRow{}
	for _, id := range organizations {
		found, err := receiver.ListParked(r.Context(), d.Redis, id, int64(most))
		if err != nil {
			return err
		}
		for _, p := range found {
			rows = append(rows, ParkedRow{id, p})
		}
	}
	slices.SortStableFunc(rows, func(a, b ParkedRow) int { return b.At.Compare(a.At) })
	writeJSON(w, http.StatusOK, rows[:min(len(rows), most)])
	return nil
}
