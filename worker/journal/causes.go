package journal

import (
	"time"

	"happycolis-reassigner/worker/api"
)

// An incident has two causes, each of which begins and ends by itself: its location reads ERROR, or an operator opened it.
// While the operator's cause stands, the operator's word stands in the place of ERROR.

// HasByHand reports whether the cause by hand stands: an operator opened the incident, and nobody closed or stopped it.
func (i *Incident) HasByHand() bool { return i.IsOfOperator() && i.ByHand.EndedAt.IsZero() }

// IsOfOperator reports whether an operator opened the incident, and it did not go on as one of a location in ERROR: what
// the location reads then neither blocks it nor ends it.
func (i *Incident) IsOfOperator() bool { return i.ByHand != nil && i.SettlesAnew.IsZero() }

// IsClosing reports whether an operator closed the incident, which lasts until what it released is at rest.
func (i *Incident) IsClosing() bool {
	return i.IsOfOperator() && !i.ByHand.EndedAt.IsZero() && i.State == Watching
}

// MayBegin reports whether reassignments of the incident may begin.
func (i *Incident) MayBegin() bool { return i.State.IsMoving() && !i.IsClosing() }

// Causes returns the causes that stand; none where the incident is closing, stopped by hand or over.
func (i *Incident) Causes() []api.Cause {
	causes := []api.Cause{}
	if !i.State.IsOpen() {
		return causes
	}
	if !i.IsOfOperator() || i.ReadsError {
		causes = append(causes, api.CauseErrored)
	}
	if i.HasByHand() {
		causes = append(causes, api.CauseByHand)
	}
	return causes
}

// SettlingSince is when the settle window of the incident began.
func (i *Incident) SettlingSince() time.Time {
	if i.SettlesAnew.IsZero() {
		return i.OpenedAt
	}
	return i.SettlesAnew
}

// EndByHand ends the cause by hand. It does not save.
func (i *Incident) EndByHand(at time.Time, by string) {
	if i.HasByHand() {
		i.ByHand.EndedAt, i.ByHand.EndedBy = at.UTC().Truncate(time.Millisecond), by
	}
}

// SettleAnew has the incident go on as one of a location in ERROR, from the settle window on: its plan and its approval end
// with the cause by hand. It does not save.
func (i *Incident) SettleAnew(at time.Time) {
	i.State, i.SettlesAnew, i.ReadsError = Settling, at.UTC().Truncate(time.Millisecond), false
	i.ByPlan, i.Plan, i.ApprovedBy, i.ApprovedAt, i.LiftedBy = false, nil, "", time.Time{}, ""
	i.FirstWalkDone, i.Gates, i.Waivers = false, nil, nil
}

// closingState is what the scripts take for the state of an incident that is closing: none in which anything may begin.
const closingState = "closing"

// scriptState is the state that the scripts ask for, before an intent is recorded or a record reopened.
func (i *Incident) scriptState() string {
	if i.IsClosing() {
		return closingState
	}
	return string(i.State)
}
