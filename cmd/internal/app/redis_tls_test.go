package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/redistest"
)

// loadRedis reads a configuration with these two keys.
func loadRedis(t *testing.T, address, trust string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reassigner.yaml")
	text := "redis: ${REDIS}\nredis_tls: " + trust + `
happycolis: {graphql_url: "https://p.example/graphql", token_url: "https://p.example/token"}
organizations: [{id: org_1, client_id: app, client_secret: "${SECRET}"}]
incident: {mode: approve}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, func(name string) string { return map[string]string{"REDIS": address, "SECRET": "s"}[name] })
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// pingRedis writes and reads by a client of the configuration.
func pingRedis(t *testing.T, address, trust string) error {
	t.Helper()
	cfg := loadRedis(t, address, trust)
	client, err := DialRedis(cfg.Redis, cfg.RedisTLS, PromptRedis)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	return client.Set(ctx, "written", "by TLS", 0).Err()
}

func trustOf(f redistest.TLSFiles) string {
	return "{ca: " + f.CA + ", cert: " + f.Cert + ", key: " + f.Key + "}"
}

func TestEachKindOfRedisIsReachedByTLS(t *testing.T) {
	t.Parallel()
	files, foreign := redistest.NewTLSFiles(t, "127.0.0.1"), redistest.NewTLSFiles(t, "127.0.0.1")
	const password = "p@ss/w#rd%\x00\xff+"
	const encoded = "p%40ss%2Fw%23rd%25%00%FF%2B"
	for name, start := range map[string]func(t *testing.T) (guarded []*redistest.Server, url string){
		"one server": func(t *testing.T) ([]*redistest.Server, string) {
			server, port := redistest.StartServerTLS(t, files)
			return []*redistest.Server{server}, "rediss://:" + encoded + "@127.0.0.1:" + port + "/2"
		},
		"Sentinel": func(t *testing.T) ([]*redistest.Server, string) {
			master, sentinel, port := redistest.StartSentinelTLS(t, files)
			return []*redistest.Server{master, sentinel}, "rediss-sentinel://:" + encoded + "@127.0.0.1:" + port + "/2?master_name=" +
				redistest.MasterName + "&sentinel_password=" + encoded
		},
		"Cluster": func(t *testing.T) ([]*redistest.Server, string) {
			node, port := redistest.StartClusterTLS(t, files)
			return []*redistest.Server{node}, "rediss-cluster://:" + encoded + "@127.0.0.1:1,127.0.0.1:" + port
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, url := start(t)
			for _, s := range servers {
				if err := redistest.NewClient(t, s.Addr).Do(t.Context(), "ACL", "SETUSER", "default", ">"+password).Err(); err != nil {
					t.Fatal(err)
				}
			}
			if err := pingRedis(t, url, trustOf(files)); err != nil {
				t.Errorf("with the certificates: %v", err)
			}
			if err := pingRedis(t, url, "{ca: "+files.CA+"}"); err == nil {
				t.Error("without a certificate of the client the server answered")
			}
			url = strings.Replace(url, "127.0.0.1:1,", "", 1) // where nothing listens, that is the error as often
			if err := pingRedis(t, url, "{ca: "+foreign.CA+", cert: "+files.Cert+", key: "+files.Key+"}"); err == nil || !strings.Contains(err.Error(), "unknown authority") {
				t.Errorf("with a foreign authority: got %v, want the certificate refused", err)
			}
		})
	}
}

// Nodes tell bare addresses of each other, and their certificate may be of a name: that of the URL.
func TestACertificateMayBeOfANameInTheURL(t *testing.T) {
	t.Parallel()
	files := redistest.NewTLSFiles(t, "localhost")
	_, port := redistest.StartClusterTLS(t, files)
	if err := pingRedis(t, "rediss-cluster://localhost:"+port, trustOf(files)); err != nil {
		t.Errorf("by its name: %v", err)
	}
	if err := pingRedis(t, "rediss-cluster://127.0.0.1:"+port, trustOf(files)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("by an address that is not in the certificate: got %v, want it refused", err)
	}
	if err := pingRedis(t, "rediss://127.0.0.1:"+port+"?skip_verify=true", trustOf(files)); err != nil {
		t.Errorf("unchecked by wish: %v", err)
	}
}
