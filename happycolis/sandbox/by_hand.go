package sandbox

import (
	"slices"
	"time"
)

// ByHand is when an operator answered for a location: P3 and P5 hold there as where it reads ERROR.
type ByHand struct {
	At      time.Time `json:"at"`
	EndedAt time.Time `json:"ended_at"` // zero: it stands
}

// heldLocation is a location during the time in which an operator answered for it.
type heldLocation struct {
	location string
	ByHand
}

// listHeld returns the times of the incidents that an operator opened, oldest first.
func listHeld(incidents []Incident) []heldLocation {
	var held []heldLocation
	for _, inc := range incidents {
		if inc.ByHand != nil {
			held = append(held, heldLocation{inc.LocationID, *inc.ByHand})
		}
	}
	slices.SortFunc(held, func(a, b heldLocation) int { return a.At.Compare(b.At) })
	return held
}

// isHeld reports whether an operator answers for a location at a moment.
func (r *replay) isHeld(location string, at time.Time) bool {
	return slices.ContainsFunc(r.held, func(h heldLocation) bool {
		return h.location == location && !at.Before(h.At) && (h.EndedAt.IsZero() || !at.After(h.EndedAt))
	})
}

// wasHeld reports whether an operator answered for a location when a request left, or at most Fresh before.
func (r *replay) wasHeld(location string, sent time.Time) bool {
	return r.isHeld(location, sent) || slices.ContainsFunc(r.held, func(h heldLocation) bool {
		return h.location == location && !sent.Before(h.At) && sent.Sub(h.EndedAt) <= Fresh
	})
}

// advanceTo moves the replay's clock to the next entry, past the moments at which operators began to answer for a location, or
// ceased to.
func (r *replay) advanceTo(e Entry) {
	before := r.now
	for _, h := range r.held {
		r.now = h.EndedAt
		for id, s := range r.state {
			if h.EndedAt.After(before) && !h.EndedAt.After(e.At) && s.Location == h.location && r.isStuck(id) {
				r.wasStuck[id] = h.EndedAt
			}
		}
	}
	r.now = e.At
	for _, h := range r.held {
		if !h.At.After(before) || h.At.After(e.At) {
			continue
		}
		r.now = h.At
		for _, d := range r.b.DeliveryOrders {
			if r.state[d.ID].Location == h.location && r.isStuck(d.ID) {
				r.enroll(d.ID, Entry{Seq: e.Seq - 1})
			}
		}
	}
	r.now = e.At
}
