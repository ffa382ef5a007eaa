package journal

import (
	"time"

	"happycolis-reassigner/worker/api"
)

// WaitsFor returns what the row waits for, and until when at the latest, zero where that is not known; "" for one that is at
// work or over. pauses are those in force: a pause stops everything that is not at rest, and every deadline with it.
func (r *Reassignment) WaitsFor(pauses []Pause) (what api.WaitsFor, until time.Time) {
	switch {
	case r.Severity() != "":
		return api.WaitOperator, time.Time{}
	case r.State.IsAtRest():
		return "", time.Time{}
	case r.isPaused(pauses):
		return api.WaitPause, time.Time{}
	case r.Leased:
		return "", time.Time{}
	case r.Wait.For == "" && r.State == Pending && !r.Admission.Admitted: // no run was at it yet
		return api.WaitRateLimit, time.Time{}
	}
	return r.Wait.For, r.Wait.Until
}

// isPaused reports whether one of the pauses concerns the row, by where it is or by where it goes.
func (r *Reassignment) isPaused(pauses []Pause) bool {
	for _, p := range pauses {
		if p.Scope == AllLocations || p.Scope == r.Identity.FromID || p.Scope == r.Decision.ToID {
			return true
		}
	}
	return false
}
