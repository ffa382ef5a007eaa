package app

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

const (
	pingMost   = time.Second     // for Redis to answer a readiness check
	admitAfter = 3 * time.Second // how long a webhook waits until Redis is known to belong to this platform
)

// serveHealth answers that the process lives.
func serveHealth(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"ok": true})
}

// serveReady answers whether webhooks would be stored and tasks run, and if not, why.
func (a *App) serveReady(w http.ResponseWriter, r *http.Request) {
	if why := a.whyUnready(r.Context()); why != "" {
		writeJSON(w, http.StatusServiceUnavailable, map[string]any{"ready": false, "reason": why})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"ready": true})
}

func (a *App) whyUnready(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, pingMost)
	defer cancel()
	if err := a.health.Ping(ctx).Err(); err != nil {
		return "Redis does not answer"
	}
	if !a.isReady() {
		return "Redis was not looked at yet"
	}
	for path, p := range a.policies {
		if p.Load() == nil {
			return "the policy " + path + " is not loaded"
		}
	}
	return ""
}

// holdUntilReady delays webhooks until Redis is known to belong to this platform. It waits as long as the receiver
// itself waits for Redis, since a refusal blocks the platform's webhook queue (documented).
func (a *App) holdUntilReady(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.isReady() {
			timer := time.NewTimer(admitAfter)
			defer timer.Stop()
			select {
			case <-a.ready:
			case <-timer.C:
				writeJSON(w, http.StatusServiceUnavailable, map[string]any{"error": "storage is away; send again"})
				return
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have closed the connection
}
