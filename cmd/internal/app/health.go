package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"happycolis-reassigner/worker/intake/spool"
)

const pingMost = time.Second // for Redis to answer a readiness check

// serveReady answers whether webhooks would be kept and, with other roles, tasks run; and if not, or not at once, why.
func (a *App) serveReady(w http.ResponseWriter, r *http.Request) {
	answer, status := map[string]any{"ready": true}, http.StatusOK
	if why := a.whyUnready(r.Context()); why != "" {
		answer["reason"] = why
		if answer["ready"] = why == spoolingReason; why != spoolingReason {
			status = http.StatusServiceUnavailable
		}
	}
	writeJSON(w, status, answer)
}

// spoolingReason is why a receiver is ready although events have no effect yet: they are kept on disk.
const spoolingReason = "redis: away, spooling"

func (a *App) whyUnready(ctx context.Context) string {
	if a.isStopping.Load() {
		return "the process is stopping"
	}
	for path, p := range a.policies {
		if p.Load() == nil {
			return "the policy " + path + " is not loaded"
		}
	}
	why := a.whyRedisIsAway(ctx)
	if why == "" || a.spool == nil {
		return why
	}
	switch err := a.spool.Check(); {
	case err == nil:
		return spoolingReason
	case errors.Is(err, spool.ErrFull):
		return why + ", and the spool is full"
	default:
		return why + ", and the spool cannot be written to"
	}
}

func (a *App) whyRedisIsAway(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, pingMost)
	defer cancel()
	switch {
	case a.health.Ping(ctx).Err() != nil:
		return "Redis does not answer"
	case !a.isReady():
		return "Redis was not looked at yet"
	case a.taker != nil && a.taker.Failure() != nil:
		return "Redis takes nothing"
	}
	return ""
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have closed the connection
}
