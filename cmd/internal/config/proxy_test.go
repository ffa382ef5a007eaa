package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestThePlatformIsReachedAsTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	const password = "pa55word"
	for name, tt := range map[string]struct {
		key  string
		env  []string
		want string // host of the proxy, "" for none
	}{
		"nothing is said":          {"", nil, ""},
		"a proxy":                  {"", []string{"HTTPS_PROXY", "http://proxy.example:3128"}, "proxy.example:3128"},
		"in small letters":         {"", []string{"https_proxy", "http://small.example:1", "HTTPS_PROXY", "http://large.example:2"}, "small.example:1"},
		"a host alone":             {"", []string{"HTTPS_PROXY", "proxy.example:3128"}, "proxy.example:3128"},
		"with a password":          {"", []string{"HTTPS_PROXY", "http://user:" + password + "@proxy.example:3128"}, "proxy.example:3128"},
		"SOCKS":                    {"environment", []string{"HTTPS_PROXY", "socks5://proxy.example:1080"}, "proxy.example:1080"},
		"one for http only":        {"", []string{"HTTP_PROXY", "http://proxy.example:3128"}, ""},
		"an exception":             {"", []string{"HTTPS_PROXY", "http://proxy.example:3128", "NO_PROXY", ".example"}, ""},
		"switched off":             {"none", []string{"HTTPS_PROXY", "http://proxy.example:3128"}, ""},
		"one that is not used":     {"", []string{"HTTP_PROXY", "http://no port:x"}, ""},
		"switched off, and broken": {"none", []string{"HTTPS_PROXY", "http://no port:x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := loadWithPlatformKey(t, tt.key, tt.env)
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Platform.ProxyOf(cfg.Platform.GraphQLURL); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	for name, tt := range map[string]struct{ key, proxy, says string }{
		"no URL":           {"", "http://user:" + password + "%@:proxy", "HTTPS_PROXY of the environment is not the URL of a proxy"},
		"no host":          {"environment", "http://", "HTTPS_PROXY of the environment is not the URL of a proxy"},
		"a URL in the key": {"http://user:" + password + "@proxy.example", "", "write environment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadWithPlatformKey(t, tt.key, []string{"HTTPS_PROXY", tt.proxy})
			if err == nil || !strings.Contains(err.Error(), "happycolis.proxy: ") || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %v, want happycolis.proxy refused: %s", err, tt.says)
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the message tells the password: %v", err)
			}
		})
	}
}

func loadWithPlatformKey(t *testing.T, proxy string, env []string) (*Config, error) {
	t.Helper()
	smallest, err := os.ReadFile("testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(smallest)
	if proxy != "" {
		text = strings.Replace(text, "happycolis: {", "happycolis: {proxy: '"+proxy+"', ", 1)
	}
	path := filepath.Join(t.TempDir(), "reassigner.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, environment(append(env, "SECRET", "s")...))
}
