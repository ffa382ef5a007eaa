package app

import (
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/admin"
)

func TestMetricsStandBehindTheLoginOfTheAdminListener(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Users = []admin.User{{Name: "eve", Password: "pw", Role: admin.Viewer}}
	a := startApp(t, cfg, AllRoles(), apptest.Quiet)
	url := "http://" + a.AdminAddress().String() + "/metrics"
	if status, _ := apptest.Fetch(t, url); status != http.StatusUnauthorized {
		t.Errorf("without a login: got %d, want 401", status)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("eve", "pw")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("with a login: got %d %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
}

func TestMetricsAloneNeedNoLoginAndNoDesk(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Users = []admin.User{{Name: "eve", Password: "pw", Role: admin.Viewer}}
	cfg.Metrics = "127.0.0.1:0"
	for name, roles := range map[string][]string{"all roles": AllRoles(), "a receiver": {RoleReceiver}, "a worker": {RoleWorker}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := startApp(t, cfg, roles, apptest.Quiet)
			status, body := apptest.Fetch(t, "http://"+a.scraped.Addr().String()+"/metrics")
			if status != http.StatusOK || !strings.Contains(body, `reassigner_scrape_success{source="queue"} 1`) {
				t.Errorf("got %d %.300s", status, body)
			}
			if status, _ := apptest.Fetch(t, "http://"+a.scraped.Addr().String()+"/api/orders"); status != http.StatusNotFound {
				t.Errorf("the API beside the metrics: got %d, want 404", status)
			}
			if a.admin == nil {
				return
			}
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.AdminAddress().String()+"/metrics", nil)
			request.SetBasicAuth("eve", "pw")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusNotFound {
				t.Errorf("metrics on the admin listener besides: got %d, want 404", response.StatusCode)
			}
		})
	}
}
