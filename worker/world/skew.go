package world

import "time"

// SetSkew sets how far the worker's clock is ahead of the platform's, as when the clock is corrected or a worker on
// another host goes on.
func (w *World) SetSkew(d time.Duration) {
	w.options.Skew = d
	w.Queue.mu.Lock()
	defer w.Queue.mu.Unlock()
	w.Queue.skew = d
}
