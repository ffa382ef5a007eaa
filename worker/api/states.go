package api

// State is the state of a reassignment. The values are stored and shown; package journal draws how one follows another.
type State string

// The states of a reassignment, in the order in which one that nothing stops passes them.
const (
	Pending           State = "pending"
	Holding           State = "holding"
	Preparing         State = "preparing"
	Releasing         State = "releasing"
	ConfirmingRelease State = "confirming_release"
	Checking          State = "checking"
	Sending           State = "sending"
	Confirming        State = "confirming"
	Undoing           State = "undoing"
	Reassigned        State = "reassigned"
	Left              State = "left"
	NeedsPerson       State = "needs_person"
)

// States returns all states in that order.
func States() []State {
	return []State{Pending, Holding, Preparing, Releasing, ConfirmingRelease, Checking, Sending, Confirming, Undoing,
		Reassigned, Left, NeedsPerson}
}

// IsAtRest reports whether nothing more is done unless an operator acts or an event changes the situation.
func (s State) IsAtRest() bool { return s == Reassigned || s == Left || s == NeedsPerson }

// IsOver reports whether the reassignment has ended. The incident, or an event about one of its delivery orders, can reopen it.
func (s State) IsOver() bool { return s == Reassigned || s == Left }

// IncidentState is the state of an incident. The values are stored and shown; package journal draws how one follows another.
type IncidentState string

// The states of an incident.
const (
	Settling         IncidentState = "settling"
	AwaitingApproval IncidentState = "awaiting_approval"
	Blocked          IncidentState = "blocked"
	Draining         IncidentState = "draining"
	Watching         IncidentState = "watching"
	Closed           IncidentState = "closed"
	Dismissed        IncidentState = "dismissed"
	Stopped          IncidentState = "stopped"
)

// IncidentStates returns all states of an incident.
func IncidentStates() []IncidentState {
	return []IncidentState{Settling, AwaitingApproval, Blocked, Draining, Watching, Closed, Dismissed, Stopped}
}

// IsOpen reports whether the incident still holds its location.
func (s IncidentState) IsOpen() bool { return s != Closed && s != Dismissed }

// IsApprovable reports whether an incident in this state can be approved: it waits for an approval, or it moves by approved
// plans and there may be more to approve.
func (s IncidentState) IsApprovable(byPlan bool) bool {
	return s == AwaitingApproval || byPlan && s.IsMoving()
}

// IsMoving reports whether reassignments of the incident may begin.
func (s IncidentState) IsMoving() bool { return s == Draining || s == Watching }
