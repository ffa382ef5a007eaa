package journal

import "time"

// Report is what became of the delivery orders of an incident, as it stood when the incident ended.
type Report struct {
	Moved       int            `json:"moved"`
	Targets     map[string]int `json:"targets"` // of those moved, by slug
	Left        map[Reason]int `json:"left"`
	NeedsPerson map[Reason]int `json:"needs_person"`
	InProgress  int            `json:"under_way"` // released, and not at rest yet

	FirstAt         time.Time `json:"first_at,omitzero"`    // when the first was moved
	LastAt          time.Time `json:"last_at,omitzero"`     // when the last was moved
	LongestWait     int64     `json:"longest_wait_seconds"` // of one that was moved, from when it was found until then
	Requests        int       `json:"requests"`             // to the platform's API
	IndexIncomplete bool      `json:"index_incomplete"`     // there may have been more than were found
}

// IsEmpty reports whether no delivery order was found at all.
func (r *Report) IsEmpty() bool {
	return r.Moved == 0 && r.InProgress == 0 && len(r.Left) == 0 && len(r.NeedsPerson) == 0
}

// Add counts one reassignment. To call it for a record twice counts it twice.
func (r *Report) Add(x *Reassignment) {
	r.Requests += x.Admission.Requests
	switch {
	case x.State == Left:
		r.Left[x.Reason]++
	case x.State == NeedsPerson:
		r.NeedsPerson[x.Reason]++
	case x.State != Reassigned:
		r.InProgress++
	default:
		r.Moved++
		r.Targets[x.Decision.To]++
		if r.FirstAt.IsZero() || x.UpdatedAt.Before(r.FirstAt) {
			r.FirstAt = x.UpdatedAt
		}
		if x.UpdatedAt.After(r.LastAt) {
			r.LastAt = x.UpdatedAt
		}
		r.LongestWait = max(r.LongestWait, int64(x.UpdatedAt.Sub(x.Identity.OpenedAt).Seconds()))
	}
}
