package world

import "time"

// SetSkew steps the worker's clock, or has another worker of another host go on, by setting how far the clock is ahead
// of the platform's.
func (w *World) SetSkew(d time.Duration) {
	w.options.Skew = d
	w.Queue.mu.Lock()
	defer w.Queue.mu.Unlock()
	w.Queue.skew = d
}
