// Package wiring makes the parts of the worker and connects them: the stores over a Redis, what hands orders over, what
// runs incidents, and the handler of each kind of task. The app and the tests make a worker here, so that a new part
// cannot be connected in one of them and forgotten in the other. What only counts or logs is set afterwards, on the
// parts themselves, before the first task runs.
package wiring

import (
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ledger"
	"happycolis-reassigner/worker/ops"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/plan"
)

// Stores are the stores over one client of Redis. Several may be made over one Redis, each with a client that waits as
// long as its user can.
type Stores struct {
	Journal *journal.Journal
	Index   *index.Index
	Ledger  *ledger.Ledger
}

// NewStores returns the stores over a client; none connects. The deadline of a request to the platform and the size of
// the canary are those of the configuration, as journal.New takes them.
func NewStores(rdb redis.UniversalClient, request time.Duration, canary int) Stores {
	known := index.New(rdb)
	return Stores{Journal: journal.New(rdb, request, canary), Index: known, Ledger: ledger.New(rdb, known)}
}

// Options are what the parts are made of.
type Options struct {
	Stores
	Queue         tasks.Queue
	Organizations map[string]*worker.Organization
	Handover      handover.Settings // Settle is taken from Incident
	Incident      incident.Settings // Statuses are taken from Handover
	Now           func() time.Time
	Log           *slog.Logger
}

// Worker is the parts, connected.
type Worker struct {
	Stores
	Handover  *handover.Handover
	Incidents *incident.Incidents
	Actions   *ops.Actions // what operators do, and read; its Query lacks what only a listener has
	Handlers  map[tasks.Kind]worker.Handler
}

// New makes the parts and connects them. It starts nothing.
func New(o Options) *Worker {
	o.Handover.Settle, o.Incident.Statuses = o.Incident.Settle, o.Handover.Statuses
	w := &Worker{Stores: o.Stores}
	decider := &decision.Decider{Journal: o.Journal, Index: o.Index, Ledger: o.Ledger, Now: o.Now, Log: o.Log,
		Settings: decision.Settings{Statuses: o.Handover.Statuses, LeaveAutomatic: o.Handover.LeaveAutomatic, MaxHops: o.Handover.MaxHops, Settle: o.Handover.Settle}}
	planner := &plan.Planner{Decider: decider, Journal: o.Journal, Index: o.Index, Organizations: o.Organizations, Now: o.Now}
	w.Handover = &handover.Handover{Journal: o.Journal, Index: o.Index, Ledger: o.Ledger, Decider: decider, Queue: o.Queue, Organizations: o.Organizations,
		Settings: o.Handover, Now: o.Now, Log: o.Log}
	w.Incidents = &incident.Incidents{Journal: o.Journal, Index: o.Index, Queue: o.Queue, Organizations: o.Organizations, Handover: w.Handover, Planner: planner,
		Settings: o.Incident, Now: o.Now, Log: o.Log}
	w.Actions = &ops.Actions{Journal: o.Journal, Index: o.Index, Organizations: o.Organizations, Handover: w.Handover, Incidents: w.Incidents, Now: o.Now,
		Query: &query.Reader{Journal: o.Journal, Index: o.Index, Organizations: o.Organizations, Incidents: w.Incidents, Now: o.Now, Log: o.Log}}
	w.Handlers = map[tasks.Kind]worker.Handler{
		tasks.LocationObserve:   w.Incidents.Observe,
		tasks.IncidentFanout:    w.Incidents.Fanout,
		tasks.OrderReassign:     w.Handover.Handle,
		tasks.SweepOrganization: w.Incidents.Sweep,
	}
	return w
}

// IntakeOptions are the parts that an intake of events uses, with stores of its own: it cannot wait for Redis for long.
// Its Redis and its queue are left to the caller.
func (w *Worker) IntakeOptions(stores Stores) intake.Options {
	return intake.Options{Index: stores.Index, Ledger: stores.Ledger, HasWatcher: stores.Journal.HasWatcher, Signal: w.Handover.Signal,
		Now: w.Handover.Now, Log: w.Handover.Log}
}
