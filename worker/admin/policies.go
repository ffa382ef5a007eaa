package admin

import (
	"net/http"
	"time"
)

// PolicyFile is where an organization's policy was read from, and whether the last reading succeeded.
type PolicyFile struct {
	File     string    `json:"file"`
	LoadedAt time.Time `json:"loaded_at"`
	// FailedAt and Problem are of a later reading that failed: the former policy stays in force.
	FailedAt time.Time `json:"failed_at,omitzero"`
	Problem  string    `json:"problem,omitempty"`
}

// PolicyRow is the policy in force for one organization, in this process.
type PolicyRow struct {
	OrganizationID string `json:"organization_id"`
	PolicyFile
	Revision  string   `json:"revision"`
	Locations []string `json:"locations"` // that the policy names
	Words     []string `json:"words"`     // the predicates, fences and ratings that it uses
}

func (d *Server) handlePolicies(w http.ResponseWriter, r *http.Request) error {
	organizations, err := d.organizationIDs(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	rows := []PolicyRow{}
	for _, id := range organizations {
		p := d.Organizations[id].Policy()
		row := PolicyRow{OrganizationID: id, Revision: p.Revision(), Locations: p.Names(), Words: p.Words()}
		if d.PolicyFile != nil {
			row.PolicyFile = d.PolicyFile(id)
		}
		rows = append(rows, row)
	}
	writeJSON(w, http.StatusOK, rows)
	return nil
}
