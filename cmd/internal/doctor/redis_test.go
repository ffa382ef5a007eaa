package doctor

import (
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/redistest"
)

// One node answers a ping, and refuses the slots of the others in the middle of the work.
func TestANodeOfAClusterIsNotTakenForTheWhole(t *testing.T) {
	t.Parallel()
	d := &Doctor{cfg: &config.Config{}, file: "reassigner.yaml", redis: redistest.NewClient(t, redistest.StartCluster(t)[0].Addr)}
	for _, f := range d.checkRedis(t.Context()) {
		if f.Check == "kind" && f.Severity == Failed && strings.Contains(f.Do, "redis-cluster://") {
			return
		}
	}
	t.Error("doctor has nothing against it")
}
