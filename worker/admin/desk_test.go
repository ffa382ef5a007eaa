package admin

import (
	"context"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	operations "happycolis-reassigner/worker/ops"
)

// desk is the admin server, and below its own parts those of the actions that it calls.
type desk struct {
	*Server
	operated
}

type (
	operated struct{ parts }
	parts    struct{ *operations.Actions }
)

// What a test replaces.
type (
	Handovers = operations.Handovers
	Incidents = operations.Incidents
)

type actionFunc = func(context.Context, *journal.Reassignment, handover.Actor) error

// Limits of actions and of what is read, and what says an action that has no reason.
const (
	maxChunk    = 200 // lines of one request of an import
	chunkAtOnce = 4
	minOutage   = 2 * chunkAtOnce
	maxRepeats  = 4
	maxInDoubt  = 200
	noReason    = "a reason is missing: say why, for the audit log"
)

// place is a location as the server understands its name.
type place struct{ organization, id string }

func (d *desk) resolveLocation(ctx context.Context, organization, name string) (place, error) {
	found, err := d.Query.ResolveLocation(ctx, organization, name)
	return place{found.Organization, found.Location}, err
}
