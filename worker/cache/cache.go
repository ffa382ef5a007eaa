// Package cache keeps values in memory for a time. What is kept may be forgotten at any moment, at a restart or where
// there are too many: whoever uses it can find the value again, or can do without.
//
// It is told the time, so that it goes by the clock of its owner. It loads nothing by itself: of two who miss the same
// key both look.
package cache

import (
	"sync"
	"time"
)

// Most is how many values one cache keeps. Beyond it one is forgotten for each that is put.
const Most = 10_000

// Cache keeps values by key. The zero Cache is empty and ready, and may be used by several goroutines at once.
type Cache[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]entry[V]
}

type entry[V any] struct {
	value V
	until time.Time // the last moment at which it is kept
}

// Get returns what is kept under a key, and whether anything is.
func (c *Cache[K, V]) Get(now time.Time, key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.get(now, key)
}

// Put keeps a value for a time, in the place of what was kept under its key.
func (c *Cache[K, V]) Put(now time.Time, key K, value V, keep time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(now, key, value, keep)
}

// Add keeps a value for a time unless one is kept under its key already, and reports whether it did.
func (c *Cache[K, V]) Add(now time.Time, key K, value V, keep time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.get(now, key); known {
		return false
	}
	c.put(now, key, value, keep)
	return true
}

// Drop forgets what is kept under a key.
func (c *Cache[K, V]) Drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, key)
}

// Len returns how many values are held in memory; of those that ended, none is once another was put.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.kept)
}

func (c *Cache[K, V]) get(now time.Time, key K) (value V, known bool) {
	if e, held := c.kept[key]; held && !now.After(e.until) {
		return e.value, true
	}
	return value, false
}

func (c *Cache[K, V]) put(now time.Time, key K, value V, keep time.Duration) {
	if c.kept == nil {
		c.kept = map[K]entry[V]{}
	}
	for old, e := range c.kept {
		if now.After(e.until) {
			delete(c.kept, old)
		}
	}
	if _, known := c.kept[key]; !known && len(c.kept) >= Most {
		for one := range c.kept {
			delete(c.kept, one)
			break
		}
	}
	c.kept[key] = entry[V]{value, now.Add(keep)}
}
