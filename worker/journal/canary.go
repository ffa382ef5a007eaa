package journal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// maxCanaryWaiters is how long a record waits for a place of the canary before it looks by itself: a net, should
// nobody wake it.
const maxCanaryWaiters = 10 * time.Minute

// maxWoken bounds the records that are woken at once.
const maxWoken = 200

// Canary is how far the first reassignments of an incident have come. Until one replacement was sent only a
// few may stand between prepare and send, and if as many end in a row refused or unconfirmed, none
// begins any more. It is kept in the same step as the records, from what they are, so no crash leaks a place.
type Canary struct {
	Passed  bool // a replacement was sent
	Waived  bool // an operator answers for it
	Streak  int  // ended in a row refused or unconfirmed
	Slots   int  // stand between prepare and send
	Waiting int  // wait for a place
}

// IsExhausted reports whether the canary lets nothing begin any more.
func (c Canary) IsExhausted(most int) bool { return !c.Waived && most > 0 && c.Streak >= most }

// CanaryStatus returns how far the canary of an incident is.
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

// WaiveCanary lifts the canary of one incident for good.
func (j *Journal) WaiveCanary(ctx context.Context, organization, incident string) error {
	if err := j.rdb.HSet(ctx, keys(organization).incident(incident), "canary_waived", 1).Err(); err != nil {
		return fmt.Errorf("waiving the canary: %w", err)
	}
	return nil
}

// AcquireCanarySlot is Save, refused with ErrCanary while the canary has no place for r. What will be moved in place
// needs none.
func (j *Journal) AcquireCanarySlot(ctx context.Context, r *Reassignment, at time.Time) error {
	_, err := j.put(ctx, r, at, saveOptions{due: j.leaseDue(), leased: true, acquiresSlot: !r.isMovedInPlace()})
	return err
}

// WaitForCanary records r and gives up the lease until the canary has a place for it. No task has to wait in the
// queue meanwhile: Wake makes it due.
func (j *Journal) WaitForCanary(ctx context.Context, r *Reassignment, at time.Time) (nudged bool, err error) {
	return j.put(ctx, r, at, saveOptions{due: maxCanaryWaiters, resting: true, waitsForSlot: true})
}

// ReleaseCanaryWaiters makes those due that wait for a place of an incident, as many as may begin now, the first in the
// queue first.
func (j *Journal) ReleaseCanaryWaiters(ctx context.Context, organization, incident string) (woken int, err error) {
	k := keys(organization)
	woken, err = releaseCanaryWaiters.Run(ctx, j.rdb,
		redisscript.Keys{"incident": k.incident(incident), "places": k.canarySlots(incident), "queue": k.canaryQueue(incident), "due": k.due()},
		redisscript.Args{"canary": j.canary, "most": maxWoken, "moving_states": movingStates}).Int()
	if err != nil {
		return 0, fmt.Errorf("waking who waits for a place: %w", err)
	}
	return woken, nil
}

// isMovedInPlace reports whether the delivery order is a DRAFT that nothing has to be prepared for.
func (r *Reassignment) isMovedInPlace() bool { return r.Status == "DRAFT" && r.Replacement == "" }

// canarySlot is what becomes of the record's place, as the script wants it. A place is held from the moment that
// something is about to be prepared until the replacement is sent or the record rests.
func (r *Reassignment) canarySlot(take bool) string {
	switch {
	case r.State.IsAtRest(), r.Sent():
		return "drop"
	case r.Replacement != "", r.ReleaseBegan():
		return "hold"
	case r.State == Holding, r.isMovedInPlace():
		return "drop"
	case take:
		return "take"
	}
	return ""
}

// countsAgainstCanary reports whether the record rests with what makes the canary stop.
func (r *Reassignment) countsAgainstCanary() bool {
	if r.State != NeedsPerson {
		return false
	}
	return r.Reason == CreateRefused || r.Reason == CancelRefused || r.Reason == CancelUnconfirmed || r.Reason == SendRefused
}

// queuePriority sorts those who wait for a place: HIGH priority first, then who came first.
func (r *Reassignment) queuePriority(queued bool) string {
	if !queued {
		return ""
	}
	urgency := map[string]int64{"HIGH": 0, "LOW": 2}
	u, known := urgency[r.Priority]
	if !known {
		u = 1
	}
	const span = 100_000_000_000 // seconds, beyond any date
	return strconv.FormatInt(u*span+r.OpenedAt.Unix(), 10)
}
