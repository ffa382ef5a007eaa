package journal

// AddTo counts a reassignment in a report. To call it twice counts it twice.
func (x *Reassignment) AddTo(r *Report) {
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
