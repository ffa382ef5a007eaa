package handover

import (
	"context"
	"time"

	"happycolis-reassigner/worker/journal"
)

// confirmNotApplied judges that a read does not show what an intent in doubt wanted. It counts as not applied only
// after a second such read, one request timeout after the first; then the result is nil. What the platform never
// does, though it can be read, is repeated ever more rarely, and is an operator's after about three hours.
func (x *attempt) confirmNotApplied(read time.Time) error {
	in := x.r.Intent
	if in.AbsentSince.IsZero() {
		in.AbsentSince = read
	}
	if in.AbsentFor(read) < x.h.Settings.Request {
		return waitUntil(in.AbsentSince.Add(x.h.Settings.Request), "not visible yet; looking again before it is repeated")
	}
	if again := in.At.Add(min(firstFailureDelay<<min(x.r.Retry.Repeats, 10), maxFailureDelay)); x.h.Now().Before(again) {
		return waitUntil(again, "")
	}
	if x.r.Retry.Repeats++; x.r.Retry.Repeats > maxFailures {
		x.r.Intent, x.r.Retry.Repeats = nil, 0
		return needsPerson(journal.RetriesExhausted)
	}
	return nil
}

// markInDoubt puts a mutation that the platform said yes to in doubt until a read shows what it wanted: what it does not
// show one request timeout after the first read (zero: none yet) is repeated, like what was not answered, and counts on from
// the repeats so far.
func (x *attempt) markInDoubt(read time.Time, repeats int) {
	x.r.Intent = &journal.Intent{Step: x.r.Step, At: x.h.Now(), AbsentSince: read, ReplyLost: true}
	x.r.Retry.Repeats = repeats
}

// retryContradiction looks again, ever more rarely, since two reads contradict each other or cannot be used together. Where they
// still do after about three hours, the outcome is the one given.
func (x *attempt) retryContradiction(note string, atLast error) error {
	x.invalidateCache()
	if x.r.Wait.Polls >= maxFailures {
		return atLast
	}
	return waitUntil(x.scheduleNextPoll(maxPoll), note)
}

// clearIntent notes that a read shows what the last mutation wanted: nothing is in doubt any more, and how often it was
// repeated says nothing of the next.
func (x *attempt) clearIntent() { x.r.Intent, x.r.Retry.Repeats = nil, 0 }

// deadlineExceeded reports whether a read was made after the deadline of this step's wait. Time in pause does
// not count.
func (x *attempt) deadlineExceeded(ctx context.Context, read time.Time, timeout time.Duration) (bool, error) {
	if x.r.Wait.StartedAt.IsZero() {
		x.r.Wait.StartedAt = x.h.Now()
	}
	return x.reader.HasElapsed(ctx, x.r.Wait.StartedAt, read, timeout)
}

// scheduleNextPoll is when to look again if no webhook comes before: the distance doubles up to 5 min, and the
// deadline is never slept past.
func (x *attempt) scheduleNextPoll(timeout time.Duration) time.Time {
	now := x.h.Now()
	if x.r.Wait.StartedAt.IsZero() {
		x.r.Wait.StartedAt = now
	}
	if x.r.Wait.PollAt.After(now) {
		return x.r.Wait.PollAt // an event woke us and did not decide
	}
	x.r.Wait.PollAt = now.Add(min(x.h.Settings.Poll<<min(x.r.Wait.Polls, 10), maxPoll))
	x.r.Wait.Polls++
	if end := x.r.Wait.StartedAt.Add(timeout); end.After(now) && end.Before(x.r.Wait.PollAt) {
		x.r.Wait.PollAt = end
	}
	return x.r.Wait.PollAt
}
