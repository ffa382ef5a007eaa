package ops

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/ops/refusal"
)

// TestAlerts sends a message that says that nothing has happened to one target of alerts, or to each, and returns what became
// of it. It wants no reason. It is in the audit log of every organization that the user sees, since a target tells of several.
func (a *Actions) TestAlerts(ctx context.Context, user string, want api.AlertTestRequest) ([]api.AlertTestRow, error) {
	organizations, err := a.Query.OrganizationIDs("")
	if err != nil {
		return nil, err
	}
	targets := a.Query.VisibleTargets()
	if len(targets) == 0 {
		return nil, refusal.New(refusal.NotFound, "there is no target of alerts, so nobody is told of anything; name one under alerts.targets in the configuration")
	}
	if want.Target != "" {
		var names []string
		for _, t := range targets {
			names = append(names, t.Name)
		}
		targets = slices.DeleteFunc(targets, func(t notify.Target) bool { return t.Name != want.Target })
		if len(targets) == 0 {
			return nil, refusal.New(refusal.NotFound, "there is no target %q; there are %s", want.Target, strings.Join(names, ", "))
		}
	}
	by := handover.Actor{User: user, Reason: cmp.Or(strings.TrimSpace(want.Reason), "to see whether alerts arrive")}
	record := func(ctx context.Context, write func(context.Context, string, handover.Actor, string, string, string) error, result string) error {
		for _, id := range organizations {
			if err := write(ctx, id, by, "alerts test", cmp.Or(want.Target, "each target"), result); err != nil {
				return err
			}
		}
		return nil
	}
	if err := record(ctx, a.recordAudit, api.AuditAsked); err != nil {
		return nil, err
	}
	rows, arrived := sendTest(ctx, targets)
	return rows, record(context.WithoutCancel(ctx), a.writeAudit, fmt.Sprintf("done: %d of %d took it", arrived, len(rows)))
}

// sendTest sends the message to all targets at once.
func sendTest(ctx context.Context, targets []notify.Target) (rows []api.AlertTestRow, arrived int) {
	rows = make([]api.AlertTestRow, len(targets))
	var sending sync.WaitGroup
	for i, t := range targets {
		sending.Go(func() {
			rows[i] = api.AlertTestRow{Name: t.Name, Service: t.Service}
			if err := t.Send(ctx, notify.TestMessage()); err != nil {
				why := err.Error()
				rows[i].Error = &why
			}
		})
	}
	sending.Wait()
	for _, row := range rows {
		if row.Error == nil {
			arrived++
		}
	}
	return rows, arrived
}
