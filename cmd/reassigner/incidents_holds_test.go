package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/worker/api"
)

func TestShowSaysAllThatHoldsAnIncidentAndWhatLiftsIt(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		inc := &api.Incident{ID: "inc-1", State: api.Blocked, Gates: []api.Gate{
			{Name: "pause", At: time.Now(), Pass: true, Detail: "not paused"},
			{Name: "memory", At: time.Now(), Detail: "the journal was lost"},
			{Name: "blast_radius", At: time.Now(), Detail: "all failed"}}}
		_ = json.NewEncoder(w).Encode(api.IncidentDetail{IncidentRow: api.IncidentRow{IncidentID: "inc-1", State: inc.State}, Record: inc})
	}))
	t.Cleanup(server.Close)
	got := runVerb(t, apptest.Environment(), "incidents", "show", "inc-1", "--admin", server.URL)
	want := "It is held by the gate blast_radius (all failed); waive it: reassigner incidents unblock inc-1 --reason \"WHY\".\n\n" +
		"It is held by the gate memory (the journal was lost), which an approval answers; import the orders (reassigner import), then approve: reassigner incidents approve inc-1 --reason \"WHY\".\n"
	if got.code != cli.ExitDone || !strings.Contains(got.stdout, want) {
		t.Errorf("got %d:\n%s\n%s\nwant in it:\n%s", got.code, got.stdout, got.stderr, want)
	}
}
