package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/worker/api"
)

// TestApprovingSaysThatItPlansOnlyWhereItDoes has the service refuse, as it does of an incident that waits for no approval.
func TestApprovingSaysThatItPlansOnlyWhereItDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state  api.IncidentState
		byPlan bool
		plans  bool
	}{
		{api.Settling, false, false}, {api.Closed, true, false}, {api.Draining, false, false}, {api.Draining, true, true}, {api.AwaitingApproval, false, true},
	} {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				http.Error(w, `{"error":"refused"}`, http.StatusConflict)
				return
			}
			_ = json.NewEncoder(w).Encode(api.IncidentDetail{IncidentRow: api.IncidentRow{State: c.state}, InFlight: 27, Record: &api.Incident{ByPlan: c.byPlan}})
		}))
		t.Cleanup(service.Close)
		got := runVerb(t, apptest.Environment(), "incidents", "approve", "inc-1", "--dry-run", "--admin", service.URL)
		if got.code != ExitRefused || strings.Contains(got.stderr, "Planning 27 delivery orders") != c.plans {
			t.Errorf("%s, by plan %t: got %d %q", c.state, c.byPlan, got.code, got.stderr)
		}
	}
}
