// Package query reads what operators look at: an overview, incidents with their rows, delivery orders, locations, what a
// plan comes to, the audit log. It turns records into the types of package api, and is the only one that does. It changes
// nothing but what a read teaches: where a location is, and what the last plan of every location came to.
package query

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/ops/refusal"
)

// Reader reads for operators. All fields but PolicyFile must be set before it is used.
type Reader struct {
	Journal           *journal.Journal
	Index             *index.Index
	Organizations     map[string]*worker.Organization
	Incidents         *incident.Incidents
	RateLimitStatuses *happycolis.RateLimitStatuses
	Redis             redis.UniversalClient                    // what the receiver parked, and whether alerts arrive
	Targets           []notify.Target                          // of alerts
	PolicyFile        func(organization string) api.PolicyFile // nil: not known where a policy came from
	Version           string
	Now               func() time.Time
	Log               *slog.Logger

	limited bool // Organizations are those that one user may see
}

// LimitTo returns a reader to which there are only these organizations: every other is answered as one that is not
// configured.
func (q *Reader) LimitTo(organizations []string) *Reader {
	limited := *q
	limited.limited, limited.Organizations = true, maps.Clone(q.Organizations)
	maps.DeleteFunc(limited.Organizations, func(id string, _ *worker.Organization) bool { return !slices.Contains(organizations, id) })
	return &limited
}

// IsLimited reports whether the reader shows some organizations only, and nothing that all share.
func (q *Reader) IsLimited() bool { return q.limited }

// VisibleTargets returns the targets of alerts that the reader shows: a limited one has those that are told of its
// organizations alone.
func (q *Reader) VisibleTargets() []notify.Target {
	return slices.DeleteFunc(slices.Clone(q.Targets), func(t notify.Target) bool { return !q.shows(t) })
}

func (q *Reader) shows(t notify.Target) bool {
	return !q.limited || t.IsOf(slices.Collect(maps.Keys(q.Organizations)))
}

// OrganizationIDs returns the id of the organization named, or of all. The error is a refusal where there is none of
// that id.
func (q *Reader) OrganizationIDs(organization string) ([]string, error) {
	if organization == "" {
		return slices.Sorted(maps.Keys(q.Organizations)), nil
	}
	if q.Organizations[organization] == nil {
		return nil, refusal.New(refusal.NotFound, "organization %q is not configured; name one by its id in the configuration", organization)
	}
	return []string{organization}, nil
}

// OneOrganization returns the organization named, or the only one there is.
func (q *Reader) OneOrganization(organization string) (*worker.Organization, error) {
	ids, err := q.OrganizationIDs(organization)
	if err != nil {
		return nil, err
	}
	if len(ids) != 1 {
		return nil, refusal.New(refusal.Invalid, "several organizations are configured; name one of them: organization, or --organization")
	}
	return q.Organizations[ids[0]], nil
}
