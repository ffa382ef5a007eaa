package journal

// State is where a reassignment stands.
type State string

// The states of a reassignment, in the order of the straight line.
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

// States returns all states in order.
func States() []State {
	return []State{Pending, Holding, Preparing, Releasing, ConfirmingRelease, Checking, Sending, Confirming, Undoing,
		Reassigned, Left, NeedsPerson}
}

// IsAtRest reports whether nothing happens any more unless an operator acts or the world moves.
func (s State) IsAtRest() bool { return s == Reassigned || s == Left || s == NeedsPerson }

// IsOver reports whether the reassignment has ended.
func (s State) IsOver() bool { return s == Reassigned || s == Left }

// IncidentState is where an incident stands.
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

// IsMoving reports whether reassignments of the incident may begin.
func (s IncidentState) IsMoving() bool { return s == Draining || s == Watching }
