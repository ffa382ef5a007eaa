package index

import (
	"strconv"
	"time"
)

// This file and lua/dates.lua decide how far the dates of others are believed. Of two messages the one with the newer date wins, so a
// date in the future would outweigh everything that comes until then. A message cannot be dated later than it arrives,
// but two clocks may differ a little: a date that is later than the arrival by more than a minute counts as the
// arrival. The arrival is taken from Redis's clock, which all receivers and workers share, so a host whose own clock
// is wrong does no harm.
//
// A message may wait on disk until Redis is there, and be applied more than once. Who takes it stamps its arrival, and who
// applies it says how far Redis's clock is from the one that stamped; the arrival is never later than now. Of equal dates the
// later arrival wins, and a message without a date is as new as its arrival, in whatever order they are applied.
//
// A message whose date counts as its arrival is newer than everything stored. The next message about the same thing
// may be dated up to a minute earlier and still be the newer one, since its date is by the sender's clock and the
// arrival by ours.

// dateText is a date as the scripts want it; "" where there is none.
func dateText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// reportFuture calls OnFutureDate if a date lay in the future; by is how many milliseconds.
func (x *Index) reportFuture(organization string, by any) {
	if ms, _ := by.(int64); ms > 0 && x.OnFutureDate != nil {
		x.OnFutureDate(organization, time.Duration(ms)*time.Millisecond)
	}
}
