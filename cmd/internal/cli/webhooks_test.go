package cli

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/app"
)

func TestTheURLHasToBeThisDeployment(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status   int
		id, says string
	}{
		"this one":       {200, "OURS", ""},
		"another one":    {200, "THEIRS", "another deployment"},
		"something else": {200, "", "does not answer as this service"},
		"an error":       {502, "OURS", "HTTP 502"},
		"a redirect":     {302, "", "HTTP 302"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.id != "" {
					w.Header().Set(app.DeploymentHeader, tt.id)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
			}))
			t.Cleanup(server.Close)
			client := server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			err := checkDeployment(t.Context(), client, server.URL, "OURS")
			if tt.says == "" && err == nil {
				return
			}
			var e *exit
			if !errors.As(err, &e) || e.code != ExitUnreachable || tt.says == "" || !strings.Contains(e.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}
