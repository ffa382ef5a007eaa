package decision

import (
	"context"

	"happycolis-reassigner/worker/journal"
)

// suspicion is what the incident of a location says of it.
type suspicion int

const (
	works       suspicion = iota // it has none
	settles                      // an event says that it failed; the second observation is to come
	unconfirmed                  // the second observation read something else than ERROR
	erred                        // an observation read ERROR
)

// assessLocation tells how a location stands. An incident that cannot be read counts as confirmed.
func (x *Reader) assessLocation(ctx context.Context, location string, open map[string]string) (suspicion, error) {
	id := open[location]
	if id == "" {
		return works, nil
	}
	inc, err := x.Journal.Incident(ctx, x.r.Identity.Organization, id)
	switch {
	case journal.IsUnreadable(err):
		return erred, nil
	case err != nil:
		return works, err
	case !inc.State.IsOpen():
		return works, nil
	case inc.Confirmed():
		return erred, nil
	case inc.State == journal.Settling:
		return settles, nil
	}
	return unconfirmed, nil
}

// IsSuspect reports whether a location may have failed: an event says so, and nothing confirmed it yet. open are the open
// incidents, by location id.
func (x *Reader) IsSuspect(ctx context.Context, location string, open map[string]string) (bool, error) {
	how, err := x.assessLocation(ctx, location, open)
	return how == settles, err
}

// HasWaitedForSuspects reports whether it was waited long enough for candidates that may have failed. Time in pause does
// not count.
func (x *Reader) HasWaitedForSuspects(ctx context.Context) (bool, error) {
	if x.r.Wait.CandidateSince.IsZero() {
		return x.Settings.Settle <= 0, nil
	}
	return x.HasElapsed(ctx, x.r.Wait.CandidateSince, x.Now(), x.Settings.Settle)
}
