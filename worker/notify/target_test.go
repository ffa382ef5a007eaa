package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/notify"
)

// target is one that is reached at a loopback address, with a secret in its URL.
func target(t *testing.T, address string) notify.Target {
	t.Helper()
	got, err := notify.NewTarget("alerts.targets[0]", happycolis.Secret("generic+"+address+"/hook/s3cret?template=json&@x-key=s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAMessageGoesThroughAWebhookAsJSON(t *testing.T) {
	t.Parallel()
	got := make(chan map[string]any, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent := map[string]any{"method": r.Method, "path": r.URL.Path, "type": r.Header.Get("Content-Type"), "key": r.Header.Get("X-Key")}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Errorf("the body is no JSON: %v: %s", err, body)
		}
		got <- sent
	}))
	t.Cleanup(server.Close)
	hook := target(t, server.URL)
	if err := hook.Send(t.Context(), notify.TestMessage()); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"method": "POST", "path": "/hook/s3cret", "type": "application/json", "key": "s3cret",
		"title": notify.TestMessage().Title, "message": notify.TestMessage().Text}
	if diff := cmp.Diff(want, <-got); diff != "" {
		t.Errorf("what arrived (-want +got):\n%s", diff)
	}
	if hook.Service != "generic" {
		t.Errorf("its service is %q", hook.Service)
	}
}

func TestAFailureIsAWordAndTellsNoSecret(t *testing.T) {
	t.Parallel()
	answer := func(status int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "s3cret is wrong")
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + nobody.Addr().String()
	nobody.Close()
	for name, c := range map[string]struct {
		address string
		want    notify.Failure
	}{
		"it is gone":                   {gone, notify.Unreachable},
		"it does not like us":          {answer(http.StatusForbidden), notify.Unauthorized},
		"it does not like the message": {answer(http.StatusBadRequest), notify.Refused},
		"it fails":                     {answer(http.StatusBadGateway), notify.Refused},
		"nobody vouches for it":        {secure.URL, notify.Distrusted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := target(t, c.address).Send(t.Context(), notify.TestMessage())
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			u, _ := url.Parse(c.address)
			if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), u.Host)) {
				t.Errorf("the error tells of the URL: %v", err)
			}
		})
	}
}

func TestATargetThatHangsIsGivenUpAndNotAskedWithoutEnd(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	hook := target(t, server.URL)
	var got []string
	for range 4 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		got = append(got, hook.Send(ctx, notify.TestMessage()).Error())
		cancel()
	}
	want := []string{"no answer in time", "no answer in time", "no answer in time", "earlier messages hang"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("four messages (-want +got):\n%s", diff)
	}
}

func TestAnURLThatIsNoTargetIsRefusedWithoutTellingIt(t *testing.T) {
	t.Parallel()
	const unknown = "not the URL of a service that alerts can be sent through; one begins with slack://, teams://, smtp://, pagerduty:// or generic+https://, see docs/operations.md"
	const wrong = "not the URL of a service that alerts can be sent through: something is missing or wrong in this "
	for address, want := range map[string]string{
		"https://hooks.slack.com/services/s3cret": unknown,
		"s3cret":                               unknown,
		"":                                     unknown,
		"s3cret://token":                       unknown,
		"slack://%zzs3cret":                    unknown,
		"logger://s3cret":                      unknown,
		"slack://s3cret":                       wrong + "slack URL",
		"smtp://user:s3cret@mail.example":      wrong + "smtp URL",
		"SMTP://user:s3cret@mail.example":      wrong + "smtp URL",
		"pagerduty://s3cret":                   wrong + "pagerduty URL",
		"generic+s3cret://x?disabletls=s3cret": wrong + "generic URL",
		"matrix://user:s3cret@":                wrong + "matrix URL",
	} {
		_, err := notify.NewTarget("alerts.targets[0]", happycolis.Secret(address))
		switch {
		case !errors.Is(err, notify.ErrTarget):
			t.Errorf("%s: got %v", address, err)
		case err.Error() != want:
			t.Errorf("%s:\ngot  %v\nwant %v", address, err, want)
		case strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%s: the error tells of it: %v", address, err)
		}
	}
}

func TestTheServicesOfTheManualAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"slack://hook:T00000000-B00000000-" + strings.Repeat("x", 24) + "@webhook",
		"smtp://user:password@mail.example:587/?from=worker@example.com&to=ops@example.com",
		"pagerduty:///eb243592faa24ba2a5511afdf565c889",
		"pagerduty://events.pagerduty.com/eb243592faa24ba2a5511afdf565c889",
		"teams://11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05?host=example.webhook.office.com",
		"generic+https://automation.example/hook?template=json",
		"matrix://:token@matrix.example/?rooms=!room:matrix.example", // must not be asked now
		"matrix://user:password@matrix.example/?rooms=!room:matrix.example",
		"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1@telegram?channels=@ops",
		"ntfy://ntfy.example/reassigner",
	} {
		if _, err := notify.NewTarget("alerts.targets[0]", happycolis.Secret(address)); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}
