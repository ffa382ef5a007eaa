package index

import (
	"strconv"
	"time"
)

// This file is how far the dates of others are believed. A date orders what was told, so one that lies in the future
// would outweigh everything that comes until then. A message cannot be dated later than it arrives, but two clocks may
// differ a little: a date that is later than the arrival by more than maxFuture counts as the arrival. Whether it is,
// says Redis's clock, which all receivers and workers share, so a host whose own clock is wrong disturbs nothing.
//
// What arrived with such a date came after everything that is there. What follows it may be dated up to maxFuture
// earlier and still be the newer, since its date is by the sender's clock and the arrival by ours.

// maxFuture is how much later than its arrival the date of a message may be, in milliseconds, as the scripts want it.
const maxFuture = "60000"

// dateText is a date as the scripts want it; "" where there is none.
func dateText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// reportFuture tells of a date that lay in the future by so many milliseconds.
func (x *Index) reportFuture(organization string, by any) {
	if ms := decodeNumber(by); ms > 0 && x.OnFutureDate != nil {
		x.OnFutureDate(organization, time.Duration(ms)*time.Millisecond)
	}
}
