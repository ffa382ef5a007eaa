package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
)

// DeploymentHeader has, in the answer of /healthz, the id of the deployment: all processes that share a Redis have the
// same. Whoever is about to send webhooks somewhere sees by it that this is the place.
const DeploymentHeader = "X-Reassigner-Deployment"

// DeploymentKey is where the id is kept in Redis.
var DeploymentKey = rediskey.Alone("deployment")

// claimDeployment returns the id of the deployment, and makes one where there is none yet.
func claimDeployment(ctx context.Context, rdb redis.UniversalClient) (string, error) {
	if err := rdb.SetNX(ctx, DeploymentKey, rand.Text(), 0).Err(); err != nil {
		return "", fmt.Errorf("storing the id of the deployment: %w", err)
	}
	id, err := rdb.Get(ctx, DeploymentKey).Result()
	if err != nil {
		return "", fmt.Errorf("reading the id of the deployment: %w", err)
	}
	return id, nil
}

// noteDeployment has /healthz tell the id from now on.
func (a *App) noteDeployment(ctx context.Context) {
	look, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	id, err := claimDeployment(look, a.redis)
	if err != nil {
		a.log.Warn("the deployment has no id; webhooks register --no-check needs none", "error", err)
		return
	}
	a.deployment.Store(&id)
}

// serveHealth answers that the process lives.
func (a *App) serveHealth(w http.ResponseWriter, _ *http.Request) {
	if id := a.deployment.Load(); id != nil {
		w.Header().Set(DeploymentHeader, *id)
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": true})
}
