package app

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/logtest"
	"happycolis-reassigner/worker/rediskey"
)

// TestAPlatformWhoseClockIsAheadIsTold runs the whole process against a platform that is two hours ahead.
func TestAPlatformWhoseClockIsAheadIsTold(t *testing.T) {
	t.Parallel()
	const ahead = 2 * time.Hour
	platform := sandbox.New(sandbox.Options{Now: func() time.Time { return time.Now().Add(ahead) }})
	platform.AddOrganization(sandbox.Organization{ID: "org_1", ClientID: "client-org_1", ClientSecret: "secret-org_1"})
	sandbox.Seed(platform, sandbox.SeedOptions{Organization: "org_1", Orders: 1, Seed: 1})
	at := &Listener{Address: "127.0.0.1:0", Handler: platform, Log: apptest.Quiet}
	if err := at.Open(); err != nil {
		t.Fatal(err)
	}
	at.Serve()
	defer at.Close()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Platform.GraphQLURL = "http://" + at.Addr().String() + "/graphql"
	cfg.Platform.TokenURL = "http://" + at.Addr().String() + "/token"
	cfg.Organizations[0].Credentials = happycolis.Credentials{Organization: "org_1", ClientID: "client-org_1", ClientSecret: "secret-org_1"}
	var out logtest.Buffer
	a := startApp(t, cfg, AllRoles(), NewLog(&out, config.Log{JSON: true}))
	for i := range 3 {
		body := fmt.Appendf(nil, `{"header":{"organizationId":"org_1","messageId":"m_%d","type":"delivery_order/updated","date":%q},"body":{"id":"do_%[1]d","status":"DRAFT"}}`,
			i, time.Now().Add(ahead).UTC().Format(time.RFC3339Nano))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.PublicAddress().String()+intake.Path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, "s"))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("got %d", response.StatusCode)
		}
	}
	status, metrics := apptest.Fetch(t, "http://"+a.AdminAddress().String()+"/metrics")
	if want := `reassigner_dates_in_future_total{organization="org_1"} 3`; status != http.StatusOK || !strings.Contains(metrics, want) {
		t.Errorf("the scrape (%d) lacks %s", status, want)
	}
	if n := strings.Count(out.String(), "lies in the future"); n != 1 || !strings.Contains(out.String(), `"ahead":"2h0m0s"`) {
		t.Errorf("it is logged %d times, want once, with how far:\n%s", n, out.String())
	}
	if status, body := apptest.Fetch(t, "http://"+a.AdminAddress().String()+"/api/plan?location="+sandbox.Paris); status != http.StatusOK {
		t.Fatalf("got %d %s", status, body)
	}
	apptest.Eventually(t, "the clock is measured", func() bool {
		clocks, err := happycolis.LastClocks(t.Context(), a.redis, rediskey.Clocks())
		return err == nil && len(clocks) == 2 && (clocks[0].Ahead+ahead).Abs() < 10*time.Second
	})
}
