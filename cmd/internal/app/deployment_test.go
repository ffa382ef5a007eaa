package app

import (
	"net/http"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"happycolis-reassigner/cmd/internal/apptest"
)

func TestEveryProcessOfADeploymentTellsTheSameId(t *testing.T) {
	t.Parallel()
	ask := func(redis string, roles ...string) string {
		a := startApp(t, apptest.Config("redis://"+redis), roles, apptest.Quiet)
		response, err := http.Get("http://" + a.PublicAddress().String() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.Header.Get(DeploymentHeader)
	}
	ours, theirs := miniredis.RunT(t).Addr(), miniredis.RunT(t).Addr()
	first := ask(ours, RoleReceiver)
	if first == "" || ask(ours, RoleWorker) != first {
		t.Errorf("two processes on one Redis differ, or tell nothing: %q", first)
	}
	if ask(theirs, RoleReceiver) == first {
		t.Error("two deployments have the same id")
	}
}
