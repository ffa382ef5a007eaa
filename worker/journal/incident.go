package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Incident is the record of one failure of one location's integration. All its times are UTC. It is changed in memory
// and saved by Journal.SaveIncident, which refuses if somebody else saved it meanwhile.
type Incident struct {
	SchemaVersion   int           `json:"shape"`
	ID              string        `json:"id"`
	Organization    string        `json:"org"`
	LocationID      string        `json:"location_id"`
	Location        string        `json:"location,omitempty"`    // slug
	Integration     string        `json:"integration,omitempty"` // id of the integration that failed
	State           IncidentState `json:"state"`
	OpenedAt        time.Time     `json:"opened_at"`
	ClosedAt        time.Time     `json:"closed_at,omitzero"`
	UpdatedAt       time.Time     `json:"updated_at"`
	ByHand          *ByHand       `json:"by_hand,omitempty"`     // an operator opened it; nil: an event or a reading did
	ReadsError      bool          `json:"reads_error,omitempty"` // of one that an operator opened: its location reads ERROR, too
	SettlesAnew     time.Time     `json:"settles_anew,omitzero"` // when it went on as one of a location in ERROR, after an operator had closed it
	Events          int           `json:"events"`                // how many errored events came for it
	Round           int           `json:"round,omitempty"`       // how many observations were made
	Gates           []Gate        `json:"gates,omitempty"`       // what each gate answered when the state, or the gate that blocks, changed last
	Waivers         []Waiver      `json:"waivers,omitempty"`
	DrainedAt       time.Time     `json:"drained_at,omitzero"` // its delivery orders began to move
	LiftedBy        string        `json:"lifted_by,omitempty"` // the operator who closed it while it was stopped
	ApprovedBy      string        `json:"approved_by,omitempty"`
	ApprovedAt      time.Time     `json:"approved_at,omitzero"`
	ByPlan          bool          `json:"by_plan,omitempty"`     // only what an approved plan names, or an operator retries, is moved
	Plan            *Plan         `json:"plan,omitempty"`        // the plan that was frozen last
	FirstWalkDone   bool          `json:"walked,omitempty"`      // the first walk through the index has ended
	ErrorAt         time.Time     `json:"error_at,omitzero"`     // when ERROR was read last, after the settle window; zero: never
	RecoveredAt     time.Time     `json:"recovered_at,omitzero"` // when ACTIVE was read, of the same integration
	IndexSince      time.Time     `json:"index_since,omitzero"`  // since when the index receives webhooks
	IndexIncomplete bool          `json:"index_short,omitempty"` // the index may not know every delivery order in flight
	Index           IndexSnapshot `json:"index,omitzero"`
	Requests        int           `json:"requests,omitempty"` // how many reads of the location
	Report          *Report       `json:"report,omitempty"`   // set once it has ended
	History         []Entry       `json:"history,omitempty"`

	Version int64 `json:"-"`
}

// Confirmed reports whether the location of the incident is known to have failed: an observation after the settle
// window read ERROR. A stopped incident counts as confirmed, since an operator holds its location. An incident of a
// former release, which did not record what was read, is confirmed by its state. One that an operator opened is confirmed by
// that.
func (i *Incident) Confirmed() bool {
	switch i.State {
	case AwaitingApproval, Draining, Watching, Stopped:
		return true
	case Settling, Blocked, Closed, Dismissed:
	}
	return !i.ErrorAt.IsZero() || i.HasByHand()
}

// Waiver returns the waiver of a gate; nil if nobody waived it.
func (i *Incident) Waiver(gate string) *Waiver {
	for n := range i.Waivers {
		if i.Waivers[n].Gate == gate {
			return &i.Waivers[n]
		}
	}
	return nil
}

// IncidentID names an incident after its location and the second in which it was opened: readable, and the same for
// two workers that open it within one second; of others, Open makes one.
func IncidentID(organization, location string, opened time.Time) string {
	sum := sha256.Sum256([]byte(organization + "\x00" + location))
	return "inc-" + opened.UTC().Format("20060102T150405") + "-" + hex.EncodeToString(sum[:3])
}

// Note adds an entry to the history; the oldest entries are dropped beyond maxHistory. It does not save.
func (i *Incident) Note(at time.Time, note, by string) {
	r := Reassignment{History: i.History}
	r.appendHistory(Entry{At: at, Note: note, By: by})
	i.History = r.History
}

// SetGate records the answer of a gate, in place of the former answer of the gate of that name. It does not save.
func (i *Incident) SetGate(g Gate) {
	for n := range i.Gates {
		if i.Gates[n].Name == g.Name {
			i.Gates[n] = g
			return
		}
	}
	i.Gates = append(i.Gates, g)
}

// ReassignmentID is the id of the record of a delivery order under an incident; the incident's id is its first part.
func ReassignmentID(incident, deliveryOrder string) string { return incident + "/" + deliveryOrder }
