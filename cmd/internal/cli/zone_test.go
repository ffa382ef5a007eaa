package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"happycolis-reassigner/worker/api"
)

// TestTimesAreInTheZoneOfTheService: the machine of whoever asks has another zone.
func TestTimesAreInTheZoneOfTheService(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(api.TimeZoneHeader, "Asia/Tokyo")
		answer := `{"organizations": []}`
		if r.URL.Path == "/api/incidents" {
			answer = `[{"incident_id": "inc-1", "location_id": "loc_1", "state": "draining", "opened_at": "2026-05-18T20:00:00Z", "counts": {}}]`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(service.Close)
	var out, problems bytes.Buffer
	code := Run(t.Context(), []string{"incidents", "list", "--admin", service.URL}, func(string) string { return "" }, strings.NewReader(""), &out, &problems)
	if code != ExitDone || !strings.Contains(out.String(), "2026-05-19 05:00:00 JST") {
		t.Errorf("exit %d, printed\n%s%s", code, out.String(), problems.String())
	}
}
