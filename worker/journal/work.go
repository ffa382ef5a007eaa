package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Claim takes the record for work if its version is still the one given, and returns it with a lease.
// The error wraps ErrObsolete where it is not, ErrNotFound, ErrNewer or ErrCorrupt.
func (j *Journal) Claim(ctx context.Context, organization, id string, version int64, at time.Time) (*Reassignment, error) {
	r, err := j.Get(ctx, organization, id)
	if err != nil {
		return nil, err
	}
	if r.Version != version {
		return nil, fmt.Errorf("claiming %s at version %d, now %d: %w", id, version, r.Version, ErrObsolete)
	}
	return r, j.Save(ctx, r, at)
}

// Save records r as it stands, keeps the lease and the record at work.
func (j *Journal) Save(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: j.leaseDue(), leased: true})
	return err
}

// Intend records that the mutation of the present step is about to be sent. It is refused with ErrPaused
// while the location, the target or everything is paused and, for what may still be taken back (begun false), with
// ErrHeld unless the incident lets reassignments move, with ErrUnapproved where it moves by approved plans
// and none of them sends this delivery order to this target, or with ErrCanary while the canary has no place
// for a first replacement. The caller sends at once after it: the lease
// that it renews is longer than the request's deadline.
func (j *Journal) Intend(ctx context.Context, r *Reassignment, at time.Time, begun bool) error {
	_, err := j.put(ctx, r, at, saveOptions{due: j.leaseDue(), leased: true, guarded: true, moving: !begun,
		acquiresSlot: !begun && !r.isMovedInPlace()})
	return err
}

// Park records r and gives up the lease until the time given. signalled tells that an event concerning
// r came while it was at work: then the wait is over at once. What waits, maybe for hours, is found by all
// its names.
func (j *Journal) Park(ctx context.Context, r *Reassignment, at, until time.Time) (nudged bool, err error) {
	nudged, err = j.put(ctx, r, at, saveOptions{due: max(until.Sub(at), 0) + waitGrace, resting: true})
	if err != nil || r.OrderNumber == "" { // it was not read yet: nothing to add to what enrolling remembered
		return nudged, err
	}
	return nudged, j.indexNames(ctx, r)
}

// Finish records the end of r, or that an operator is needed. signalled tells that an event concerning r came
// while it was at work.
func (j *Journal) Finish(ctx context.Context, r *Reassignment, at time.Time) (nudged bool, err error) {
	nudged, err = j.put(ctx, r, at, saveOptions{due: -1, resting: true})
	if err != nil {
		return false, err
	}
	return nudged, j.indexNames(ctx, r)
}

// Requeue advances the version of a record so that its former task, should it turn up, is obsolete.
// The caller submits the task for the new version.
func (j *Journal) Requeue(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: requeueGrace})
	return err
}

// Reopen reopens a record that was over, as the owner of its lineage, and has it driven at once under its new
// version: the caller submits the task. The error wraps ErrHeld where its incident lets nothing begin, ErrOwned where
// another record has the lineage, ErrObsolete where somebody else was faster.
func (j *Journal) Reopen(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: requeueGrace, reopens: true})
	return err
}

// HasWatcher asks, with a round trip that somebody else makes, whether a record watches a delivery order: only
// then is there anybody to signal. The answer is yes where it could not be asked.
func (j *Journal) HasWatcher(ctx context.Context, p redis.Pipeliner, organization, deliveryOrder string) (watched func() bool) {
	asked := p.HExists(ctx, keys(organization).watch(), deliveryOrder)
	return func() bool { return asked.Err() != nil || asked.Val() }
}

// Signal marks that an event concerning a delivery order came, and returns the id of the record that
// watches it, "" if none does.
func (j *Journal) Signal(ctx context.Context, organization, deliveryOrder string) (string, error) {
	k := keys(organization)
	id, err := signalRecord.Run(ctx, j.rdb, redisscript.Keys{"watch": k.watch(), "nudged": k.signalled()},
		redisscript.Args{"delivery_order": deliveryOrder, "record_prefix": k.record(""), "ended_states": endedStates}).Text()
	if err != nil {
		return "", fmt.Errorf("nudging the owner of %s: %w", deliveryOrder, err)
	}
	return id, nil
}

// Due returns records, at most most, whose due time has come: their task is late or its holder died.
func (j *Journal) Due(ctx context.Context, organization string, most int) ([]string, error) {
	ids, err := listDue.Run(ctx, j.rdb, redisscript.Keys{"due": keys(organization).due()}, redisscript.Args{"most": most}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("listing due reassignments: %w", err)
	}
	return ids, nil
}

// Defer moves the due time of a record whose task was found alive.
func (j *Journal) Defer(ctx context.Context, organization, id string, by time.Duration) error {
	if err := deferDue.Run(ctx, j.rdb, redisscript.Keys{"due": keys(organization).due()},
		redisscript.Args{"id": id, "ms": by.Milliseconds()}).Err(); err != nil {
		return fmt.Errorf("deferring %s: %w", id, err)
	}
	return nil
}

// LockOrder takes the parent order for owner, for as long as a lease. False: somebody else has it.
func (j *Journal) LockOrder(ctx context.Context, organization, order, owner string) (bool, error) {
	got, err := lockOrder.Run(ctx, j.rdb, redisscript.Keys{"locks": keys(organization).locks()},
		redisscript.Args{"order": order, "owner": owner, "ms": (j.request + leaseSlack).Milliseconds()}).Int()
	if err != nil {
		return false, fmt.Errorf("locking order %s: %w", order, err)
	}
	return got == 1, nil
}

// UnlockOrder gives the parent order back, if owner has it.
func (j *Journal) UnlockOrder(ctx context.Context, organization, order, owner string) error {
	if err := unlockOrder.Run(ctx, j.rdb, redisscript.Keys{"locks": keys(organization).locks()},
		redisscript.Args{"order": order, "owner": owner}).Err(); err != nil {
		return fmt.Errorf("unlocking order %s: %w", order, err)
	}
	return nil
}

// OpenByLineage returns the open reassignment of the lineage that a delivery order belongs to, and the root of
// that lineage; nil and "" where there is none. A delivery order of a lineage without an open
// reassignment, or with one that this release cannot read, has a root only.
func (j *Journal) OpenByLineage(ctx context.Context, organization, deliveryOrder string) (*Reassignment, string, error) {
	k := keys(organization)
	root, err := orEmpty(j.rdb.HGet(ctx, k.lineage(), deliveryOrder).Result())
	if err != nil || root == "" {
		return nil, "", err
	}
	id, err := orEmpty(j.rdb.HGet(ctx, k.open(), root).Result())
	if err != nil || id == "" {
		return nil, root, err
	}
	r, err := j.Get(ctx, organization, id)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNewer) || errors.Is(err, ErrCorrupt) {
		return nil, root, nil
	}
	return r, root, err
}
