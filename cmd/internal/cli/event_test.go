package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
)

func TestAnEventThatTheReceiverParksFails(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]outcome{
		`{"result":"taken"}`: {ExitDone, "HTTP 200 {\"result\":\"taken\"}\n", ""},
		`{"result":"parked"}`: {ExitFailed, "", "the receiver could not use it: HTTP 200 {\"result\":\"parked\"}. Does it serve the organization, " +
			"and know the type? Why it was parked: the console, under Parked\n"},
	} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
		t.Cleanup(receiver.Close)
		got := runVerb(t, apptest.Environment("S", "s"), "event", "send", "--sample", "stock-reference-updated", "--secret-env", "S", "--url", receiver.URL)
		if got != want {
			t.Errorf("answered %s: got %+v, want %+v", answer, got, want)
		}
	}
}
