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

// ConditionKeys are the keys of the topics that begin and end.
func ConditionKeys() (keys []string) {
	for _, t := range topics() {
		if _, is := t.news.(condition); is {
			keys = append(keys, t.key)
		}
	}
	return keys
}
