package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Claim takes the lease of the record, advances its version and returns it, if its version is still the one given. The
// error wraps ErrObsolete where it is not, ErrNotFound, ErrNewer or ErrCorrupt.
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

// Save saves r by compare-and-set and renews the lease. The error wraps ErrObsolete where another worker took over.
func (j *Journal) Save(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: j.leaseDue(), leased: true})
	return err
}

// Intend records that the mutation of the present step is about to be sent, by compare-and-set, and renews the lease,
// which lasts longer than the request's deadline. The caller sends at once after it. It is refused with ErrPaused
// while the location, the target or everything is paused. Where the handover can still be taken back (begun is false)
// it is also refused: with ErrHeld unless the incident lets reassignments move, with ErrUnapproved where it moves by
// approved plans and none of them sends this delivery order to this target, or with ErrCanary while the canary has no
// slot for it.
func (j *Journal) Intend(ctx context.Context, r *Reassignment, at time.Time, begun bool) error {
	_, err := j.put(ctx, r, at, saveOptions{due: j.leaseDue(), leased: true, guarded: true, moving: !begun,
		acquiresSlot: !begun && !r.isMovedInPlace()})
	return err
}

// Park saves r and gives up the lease until the time given. signalled reports that an event concerning r came while it
// was being driven: then the caller must not wait. A record that waits can be found by all its names.
func (j *Journal) Park(ctx context.Context, r *Reassignment, at, until time.Time) (signalled bool, err error) {
	signalled, err = j.put(ctx, r, at, saveOptions{due: max(until.Sub(at), 0) + waitGrace, resting: true})
	if err != nil || r.Identity.OrderNumber == "" { // not read yet: there are no more names than Enroll stored
		return signalled, err
	}
	return signalled, j.indexNames(ctx, r)
}

// Finish saves r with its end, or as one that needs an operator, and gives up the lease. signalled is as Park returns
// it.
func (j *Journal) Finish(ctx context.Context, r *Reassignment, at time.Time) (signalled bool, err error) {
	signalled, err = j.put(ctx, r, at, saveOptions{due: -1, resting: true})
	if err != nil {
		return false, err
	}
	return signalled, j.indexNames(ctx, r)
}

// Requeue advances the version of a record, so that its former task, if it still runs, is obsolete. The caller then
// submits a task for the new version.
func (j *Journal) Requeue(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: requeueGrace})
	return err
}

// Reopen reopens a record that was over, as the owner of its lineage, and makes it due at once under its new version:
// the caller submits the task. The error wraps ErrHeld where its incident lets nothing begin, ErrOwned where another
// record has the lineage, ErrObsolete where somebody else was faster.
func (j *Journal) Reopen(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: requeueGrace, reopens: true})
	return err
}

// HasWatcher adds to p the question whether a record watches a delivery order, and returns a function that reads the
// answer once p was executed. Where it could not be asked the answer is yes, so that no signal is lost.
func (j *Journal) HasWatcher(ctx context.Context, p redis.Pipeliner, organization, deliveryOrder string) (watched func() bool) {
	asked := p.HExists(ctx, keys(organization).watch(), deliveryOrder)
	return func() bool { return asked.Err() != nil || asked.Val() }
}

// Signal records that an event concerning a delivery order came, and returns the id of the record that watches it, ""
// if none does. Signalling twice is harmless.
func (j *Journal) Signal(ctx context.Context, organization, deliveryOrder string) (string, error) {
	k := keys(organization)
	id, err := signalRecord.Run(ctx, j.rdb, redisscript.Keys{"watch": k.watch(), "nudged": k.signalled()},
		redisscript.Args{"delivery_order": deliveryOrder, "record_prefix": k.record(""), "ended_states": endedStates}).Text()
	if err != nil {
		return "", fmt.Errorf("signalling the owner of %s: %w", deliveryOrder, err)
	}
	return id, nil
}

// Due returns at most most records whose due time has passed: their task is late, or the worker that drove them died.
func (j *Journal) Due(ctx context.Context, organization string, most int) ([]string, error) {
	ids, err := listDue.Run(ctx, j.rdb, redisscript.Keys{"due": keys(organization).due()}, redisscript.Args{"most": most}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("listing due reassignments: %w", err)
	}
	return ids, nil
}

// Defer moves the due time of a record, whose task was found waiting in the queue, to by from now (Redis's clock).
func (j *Journal) Defer(ctx context.Context, organization, id string, by time.Duration) error {
	if err := deferDue.Run(ctx, j.rdb, redisscript.Keys{"due": keys(organization).due()},
		redisscript.Args{"id": id, "ms": by.Milliseconds()}).Err(); err != nil {
		return fmt.Errorf("deferring %s: %w", id, err)
	}
	return nil
}

// LockOrder locks the parent order for owner, for the length of a lease; the owner may lock again. False: another
// owner has it.
func (j *Journal) LockOrder(ctx context.Context, organization, order, owner string) (bool, error) {
	got, err := lockOrder.Run(ctx, j.rdb, redisscript.Keys{"locks": keys(organization).locks()},
		redisscript.Args{"order": order, "owner": owner, "ms": (j.request + leaseSlack).Milliseconds()}).Int()
	if err != nil {
		return false, fmt.Errorf("locking order %s: %w", order, err)
	}
	return got == 1, nil
}

// UnlockOrder unlocks the parent order if owner has it; otherwise nothing happens.
func (j *Journal) UnlockOrder(ctx context.Context, organization, order, owner string) error {
	if err := unlockOrder.Run(ctx, j.rdb, redisscript.Keys{"locks": keys(organization).locks()},
		redisscript.Args{"order": order, "owner": owner}).Err(); err != nil {
		return fmt.Errorf("unlocking order %s: %w", order, err)
	}
	return nil
}

// OpenByLineage returns the open reassignment of the lineage that a delivery order belongs to, and the root of that
// lineage; nil and "" where it belongs to none. Where the lineage has no open reassignment, or one that this release
// cannot read, the record is nil and the root is set.
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
