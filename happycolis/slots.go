package happycolis

import "sync/atomic"

// slots bound how many mutations are reserved or under way at once.
type slots chan struct{}

// take returns a slot, nil if none is free.
func (s slots) take() *slot {
	select {
	case s <- struct{}{}:
		return s.newHeldSlot()
	default:
		return nil
	}
}

// newHeldSlot is a slot for the place that was taken.
func (s slots) newHeldSlot() *slot {
	held := &slot{of: s}
	held.held.Store(true)
	return held
}

// slot holds one place until it is freed. A nil slot holds none.
type slot struct {
	of   slots
	held atomic.Bool
}

// free gives the place back, once.
func (s *slot) free() {
	if s != nil && s.held.CompareAndSwap(true, false) {
		<-s.of
	}
}

// move hands the place on to the slot that it returns, so that freeing this one does nothing any more. It returns nil if
// no place is held.
func (s *slot) move() *slot {
	if s == nil || !s.held.CompareAndSwap(true, false) {
		return nil
	}
	return s.of.newHeldSlot()
}
