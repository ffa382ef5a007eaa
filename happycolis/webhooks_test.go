package happycolis

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAWebhookIsCreatedOnceWithItsTypeAndURL(t *testing.T) {
	t.Parallel()
	p := start(t, always(ok(`{"integrationWebhookCreate":{"id":"wh_1","type":"location/updated","health":"HEALTHY","endPoint":"https://r.example/x"}}`)))
	got, err := p.account().CreateWebhook(t.Context(), "location/updated", "https://r.example/x")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Webhook{ID: "wh_1", Type: "location/updated", Health: WebhookHealthy, URL: "https://r.example/x"}, got); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	want := map[string]any{"input": map[string]any{"type": "location/updated", "endPoint": "https://r.example/x"}}
	if diff := cmp.Diff(want, p.log[0].Variables); diff != "" || len(p.log) != 1 {
		t.Errorf("asked for %d (-want +got):\n%s", len(p.log), diff)
	}
}

func TestWhatIsSureAboutAWebhook(t *testing.T) {
	t.Parallel()
	const null = `{"integrationWebhookCreate":null}`
	for name, tt := range map[string]struct {
		answer     cannedAnswer
		notCreated bool
	}{
		"no scope":      {errored(null, "INSUFFICIENT_SCOPE", `["integrationWebhookCreate"]`), true},
		"a URL refused": {errored(null, "BAD_USER_INPUT", `["integrationWebhookCreate"]`), true},
		"no token":      {cannedAnswer{status: 401}, true},
		"a gateway":     {cannedAnswer{status: 502}, false},
		"no id":         {ok(`{"integrationWebhookCreate":{"id":null}}`), false},
		"null":          {ok(null), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, always(tt.answer))
			_, err := p.account().CreateWebhook(t.Context(), "location/updated", "https://r.example/x")
			e := mustError(t, err)
			if got := e.IsNotExecuted() || e.IsRefused(); got != tt.notCreated || len(p.operations()) != 1 {
				t.Errorf("got %v, surely not created %v, asked %d times; want %v, once", e, got, len(p.operations()), tt.notCreated)
			}
		})
	}
}
