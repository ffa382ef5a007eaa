package ops

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/tasks"
)

func TestAnActInTheWebUIIsRecordedOfTheOrganizationWhoseTaskItIs(t *testing.T) {
	t.Parallel()
	served := []string{"acme gmbh", "loc_1", "org:2", "org_1"}
	ofAcme := tasks.Reassign{Organization: "acme gmbh", Reassignment: "inc-1/do_1", At: 3}.ID()
	of2 := tasks.Observe{Organization: "org:2", Location: "loc_1", Incident: "inc-1", Round: 7}.ID()
	of1 := tasks.Observe{Organization: "org_1", Location: "loc_1", Message: "run"}.ID()
	for name, c := range map[string]struct {
		method, target string
		listed, want   []string
	}{
		"a name that is escaped":             {"POST", "queues/start/archived_tasks/" + ofAcme + ":run", nil, []string{"acme gmbh"}},
		"a location called like another one": {"POST", "queues/incident/retry_tasks/" + of1 + ":archive", nil, []string{"org_1"}},
		"a deletion":                         {"DELETE", "queues/incident/retry_tasks/" + of1, nil, []string{"org_1"}},
		"several of two":                     {"POST", "queues/start/archived_tasks:batch_run", []string{ofAcme, of2, ofAcme}, []string{"acme gmbh", "org:2"}},
		"several, one of an unknown one":     {"POST", "queues/start/archived_tasks:batch_run", []string{ofAcme, "reassign:org_3:x:1"}, served},
		"a sweep of all":                     {"DELETE", "queues/sweep/completed_tasks/" + tasks.Sweep{Tick: 5}.ID(), nil, served},
		"a queue":                            {"POST", "queues/loc_1:pause", nil, served},
		"all of a queue":                     {"POST", "queues/start/archived_tasks:run_all", nil, served},
	} {
		ids := c.listed
		if id := taskOf(c.method, c.target); id != "" {
			ids = append(ids, id)
		}
		if diff := cmp.Diff(c.want, organizationsOf(ids, served)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
