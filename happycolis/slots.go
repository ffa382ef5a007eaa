package happycolis

import "sync/atomic"

// slots bound how many mutations are reserved or in progress at once.
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

// newHeldSlot returns the slot for an item that was taken.
func (s slots) newHeldSlot() *slot {
	held := &slot{of: s}
	held.held.Store(true)
	return held
}

// slot holds one item of slots until it is freed. A nil slot holds none.
type slot struct {
	of   slots
	held atomic.Bool
}

// free returns the item; only the first call does.
func (s *slot) free() {
	if s != nil && s.held.CompareAndSwap(true, false) {
		<-s.of
	}
}

// move passes the item to the slot that it returns, so that freeing the old one does nothing any more. It returns nil
// if the slot holds none.
func (s *slot) move() *slot {
	if s == nil || !s.held.CompareAndSwap(true, false) {
		return nil
	}
	return s.of.newHeldSlot()
}
