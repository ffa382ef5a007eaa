package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func TestTheReportOfAnIncidentReadsAsTheGoldenFile(t *testing.T) {
	t.Parallel()
	opened := time.Date(2026, 5, 18, 8, 0, 0, 0, time.UTC)
	var all strings.Builder
	for _, c := range []struct {
		situation string
		report    api.Report
	}{
		{"some moved, some left, some need a person", api.Report{Moved: 40, Targets: map[string]int{"lyon-warehouse": 39, "lille-warehouse": 1},
			Left: map[api.Reason]int{api.Recovered: 2}, NeedsPerson: map[api.Reason]int{api.NoCandidate: 2, api.AlreadyPreparing: 1},
			FirstAt: opened.Add(3 * time.Minute), LastAt: opened.Add(80 * time.Minute), LongestWait: 125, Requests: 213}},
		{"one moved, one under way, the index young", api.Report{Moved: 1, Targets: map[string]int{"lyon-warehouse": 1}, InProgress: 1,
			FirstAt: opened.Add(3 * time.Minute), LastAt: opened.Add(3 * time.Minute), LongestWait: 61, Requests: 1, IndexIncomplete: true}},
		{"none found", api.Report{Targets: map[string]int{}, Requests: 4}},
	} {
		report := c.report
		for _, reasons := range []*map[api.Reason]int{&report.Left, &report.NeedsPerson} {
			if *reasons == nil {
				*reasons = map[api.Reason]int{}
			}
		}
		var text strings.Builder
		screen := &cli{stdout: terminal.NewOutput(&text)}
		screen.printReport(api.IncidentDetail{IncidentRow: api.IncidentRow{OpenedAt: opened}, Record: &api.Incident{Report: &report}})
		body, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "=== %s%s\n%s\n\n", c.situation, text.String(), body)
	}
	apptest.Golden(t, "report.golden", all.String())
}
