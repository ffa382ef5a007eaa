package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
)

func TestHalfAPlanIsNotShownAndSaysWhy(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"rows":[{"delivery_order_id":"do_1","action":"reassign"}],"broken":{"status":502,"error":"the platform did not do its part (why)"}}`))
	}))
	t.Cleanup(server.Close)
	for _, args := range []string{"plan --location paris", "plan --location paris --json", "plan --all", "plan --all --json"} {
		got := runVerb(t, apptest.Environment(), append(strings.Fields(args), "--admin", server.URL)...)
		want := outcome{ExitFailed, "", "the plan is not whole, so it is not shown: the platform did not do its part (why)\n"}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", args, got, want)
		}
	}
}
