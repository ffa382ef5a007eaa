package decision

import (
	"time"

	"happycolis-reassigner/happycolis"
)

// PlatformNow is the platform's clock by a read of ours and by our clock. It dates whole seconds, so this is up to one
// behind. A date that is ahead of ours by more than clocksApart is no date: then ours is taken.
func PlatformNow(read happycolis.Read, now time.Time) time.Time {
	if read.Date.IsZero() || read.Date.Sub(read.SentAt) > clocksApart {
		return now
	}
	return read.Date.Add(now.Sub(read.SentAt))
}

// clocksApart is how far the platform's clock may be ahead of ours and be believed; the index takes as much.
const clocksApart = time.Minute
