package notify

// Speaking is how many targets are being told right now.
func (a *Alerts) Speaking() int {
	n := 0
	for _, s := range a.notifiers {
		if s.busy.Load() {
			n++
		}
	}
	return n
}
