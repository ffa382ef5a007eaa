package journal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// maxCanaryWaiters is how long a record waits for a slot of the canary until it is driven again even though nobody
// released it.
const maxCanaryWaiters = 10 * time.Minute

// maxWoken is how many waiting records one call makes due, at most.
const maxWoken = 200

// Canary is how far the first reassignments of an incident have come. Until one replacement was sent, only a few
// records may hold a slot, that is, stand between prepare and send. If as many in a row end refused or unconfirmed,
// none begins any more. The counts change in the same script as the records, so a crash cannot leak a slot.
type Canary struct {
	Passed  bool // a replacement was sent
	Waived  bool // an operator waived the canary for this incident
	Streak  int  // how many ended in a row refused or unconfirmed
	Slots   int  // how many hold a slot now
	Waiting int  // how many wait for one
}

// IsExhausted reports whether as many as most ended in a row refused or unconfirmed, so that nothing may begin any
// more. A limit of 0 never does.
func (c Canary) IsExhausted(most int) bool { return !c.Waived && most > 0 && c.Streak >= most }

// CanaryStatus returns the canary of an incident; of an incident that is not stored, the zero value.
func (j *Journal) CanaryStatus(ctx context.Context, organization, incident string) (Canary, error) {
	k := keys(organization)
	pipe := j.rdb.Pipeline()
	seen := pipe.HMGet(ctx, k.incident(incident), "proven", "canary_waived", "streak")
	places, queued := pipe.SCard(ctx, k.canarySlots(incident)), pipe.ZCard(ctx, k.canaryQueue(incident))
	if _, err := pipe.Exec(ctx); err != nil {
		return Canary{}, fmt.Errorf("asking for the canary: %w", err)
	}
	fields := seen.Val()
	c := Canary{Passed: fields[0] != nil, Waived: fields[1] != nil, Slots: int(places.Val()), Waiting: int(queued.Val())}
	if text, ok := fields[2].(string); ok {
		var err error
		if c.Streak, err = strconv.Atoi(text); err != nil {
			return c, fmt.Errorf("asking for the canary: %w", err)
		}
	}
	return c, nil
}

// WaiveCanary lifts the canary of one incident for good: its reassignments begin without a limit.
func (j *Journal) WaiveCanary(ctx context.Context, organization, incident string) error {
	if err := j.rdb.HSet(ctx, keys(organization).incident(incident), "canary_waived", 1).Err(); err != nil {
		return fmt.Errorf("waiving the canary: %w", err)
	}
	return nil
}

// AcquireCanarySlot saves r as Save does, with a slot of the canary. The error wraps ErrCanary while none is free;
// then nothing was written. A DRAFT that is moved in place needs no slot.
func (j *Journal) AcquireCanarySlot(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: j.leaseDue(), leased: true, acquiresSlot: !r.isMovedInPlace()})
	return err
}

// WaitForCanary saves r in the queue for a slot and gives up the lease. No task waits in the queue of tasks meanwhile:
// ReleaseCanaryWaiters makes the record due. signalled is as Park returns it.
func (j *Journal) WaitForCanary(ctx context.Context, r *Reassignment, at time.Time) (signalled bool, err error) {
	return j.put(ctx, r, at, saveOptions{due: maxCanaryWaiters, resting: true, waitsForSlot: true})
}

// ReleaseCanaryWaiters makes waiting records of an incident due, as many as have a free slot (maxWoken at most), in
// the order of the queue: HIGH priority first, then the longest waiting. It returns how many.
func (j *Journal) ReleaseCanaryWaiters(ctx context.Context, organization, incident string) (woken int, err error) {
	k := keys(organization)
	woken, err = releaseCanaryWaiters.Run(ctx, j.rdb,
		redisscript.Keys{"incident": k.incident(incident), "places": k.canarySlots(incident), "queue": k.canaryQueue(incident), "due": k.due()},
		redisscript.Args{"canary": j.canary, "most": maxWoken, "moving_states": movingStates}).Int()
	if err != nil {
		return 0, fmt.Errorf("releasing records that wait for the canary: %w", err)
	}
	return woken, nil
}

// isMovedInPlace reports whether the delivery order is a DRAFT that is moved by an update, without a replacement.
func (r *Reassignment) isMovedInPlace() bool {
	return r.Original.Status == "DRAFT" && r.Replacement.ID == ""
}

// canarySlot says what the script does with the record's slot: take one, hold or drop it, or leave it as it is (""). A
// record holds a slot from its first prepare until the replacement is sent or the record is at rest.
func (r *Reassignment) canarySlot(take bool) string {
	switch {
	case r.State.IsAtRest(), r.Sent():
		return "drop"
	case r.Replacement.ID != "", r.ReleaseBegan():
		return "hold"
	case r.State == Holding, r.isMovedInPlace():
		return "drop"
	case take:
		return "take"
	}
	return ""
}

// countsAgainstCanary reports whether the record is at rest for a reason that counts as a failure of the canary.
func (r *Reassignment) countsAgainstCanary() bool {
	if r.State != NeedsPerson {
		return false
	}
	return r.Reason == CreateRefused || r.Reason == CancelRefused || r.Reason == CancelUnconfirmed || r.Reason == SendRefused
}

// queuePriority is the record's score in the queue for a slot: HIGH priority first, then the earliest; "" if it does
// not wait.
func (r *Reassignment) queuePriority(queued bool) string {
	if !queued {
		return ""
	}
	urgency := map[string]int64{"HIGH": 0, "LOW": 2}
	u, known := urgency[r.Original.Priority]
	if !known {
		u = 1
	}
	const span = 100_000_000_000 // seconds, beyond any date
	return strconv.FormatInt(u*span+r.Identity.OpenedAt.Unix(), 10)
}
