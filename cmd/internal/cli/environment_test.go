package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"
)

// TestTheServiceIsFoundByTheEnvironment names services by flags and by the environment: each answers with its own name.
func TestTheServiceIsFoundByTheEnvironment(t *testing.T) {
	t.Parallel()
	service := func(name string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"error":"`+name+`"}`, http.StatusNotFound)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	configured := func(address string) string {
		file := filepath.Join(t.TempDir(), "reassigner.yaml")
		if err := os.WriteFile(file, []byte("admin: {listen: '"+strings.TrimPrefix(address, "http://")+"'}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	byFlag, byVariable := service("--admin"), service("REASSIGNER_ADMIN")
	fileOfFlag, fileOfVariable := configured(service("--config")), configured(service("REASSIGNER_CONFIG"))
	for _, c := range []struct {
		want string
		env  []string
		args []string
	}{
		{"--admin", []string{"REASSIGNER_ADMIN", byVariable, "REASSIGNER_CONFIG", fileOfVariable}, []string{"--admin", byFlag, "--config", fileOfFlag}},
		{"--config", []string{"REASSIGNER_ADMIN", byVariable, "REASSIGNER_CONFIG", fileOfVariable}, []string{"--config", fileOfFlag}},
		{"REASSIGNER_ADMIN", []string{"REASSIGNER_ADMIN", byVariable + "\r\n", "REASSIGNER_CONFIG", fileOfVariable}, nil},
		{"REASSIGNER_CONFIG", []string{"REASSIGNER_CONFIG", fileOfVariable}, nil},
		{"REASSIGNER_ADMIN: write a URL like http://127.0.0.1:8081", []string{"REASSIGNER_ADMIN", "nonsense"}, nil},
	} {
		got := runVerb(t, apptest.Environment(c.env...), append([]string{"incidents", "show", "inc-1"}, c.args...)...)
		if strings.TrimSpace(got.stderr) != c.want {
			t.Errorf("%v %v: got %q, want %q", c.env, c.args, got.stderr, c.want)
		}
	}
}

// TestEachVerbTakesItsConfigurationFromTheEnvironment sees that a verb reads the file that REASSIGNER_CONFIG names.
func TestEachVerbTakesItsConfigurationFromTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"serve", "doctor", "doctor --quick", "webhooks list", "webhooks register --public-url https://a.example",
		"event send --sample errored", "event send --sample errored --kafka", "orders list"} {
		got := runVerb(t, apptest.Environment("REASSIGNER_CONFIG", "no-such.yaml"), strings.Fields(verb)...)
		if got.code != ExitUsage || !strings.Contains(got.stderr, "no-such.yaml: no such file or directory") {
			t.Errorf("%s: got %d %q", verb, got.code, got.stderr)
		}
	}
}
