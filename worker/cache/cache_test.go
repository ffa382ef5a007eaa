package cache

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestAValueIsKeptForItsTime(t *testing.T) {
	t.Parallel()
	var c Cache[string, int]
	if _, known := c.Get(start, "a"); known {
		t.Error("an empty cache has a value")
	}
	c.Put(start, "a", 1, time.Minute)
	c.Put(start, "b", 2, time.Hour)
	for _, tt := range []struct {
		after time.Duration
		key   string
		want  int
		known bool
	}{
		{0, "a", 1, true}, {time.Minute, "a", 1, true}, {time.Minute + 1, "a", 0, false}, {time.Minute + 1, "b", 2, true}, {0, "c", 0, false},
	} {
		if got, known := c.Get(start.Add(tt.after), tt.key); got != tt.want || known != tt.known {
			t.Errorf("%s after %s: got %d %t, want %d %t", tt.key, tt.after, got, known, tt.want, tt.known)
		}
	}
	c.Put(start, "a", 3, time.Hour)
	if got, _ := c.Get(start.Add(time.Hour), "a"); got != 3 {
		t.Errorf("put again: got %d, want 3", got)
	}
	c.Drop("a")
	if _, known := c.Get(start, "a"); known {
		t.Error("what was dropped is kept")
	}
}

func TestAddKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	var c Cache[string, int]
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {time.Second, false}, {time.Minute, false}, {time.Minute + 1, true}, {time.Minute + 2, false}} {
		if got := c.Add(start.Add(tt.after), "a", 1, time.Minute); got != tt.want {
			t.Errorf("after %s: got %t, want %t", tt.after, got, tt.want)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var c Cache[int, int]
	for i := range 100 {
		c.Put(start, i, i, time.Second)
	}
	c.Put(start.Add(time.Minute), -1, 0, time.Hour)
	if got := c.Len(); got != 1 {
		t.Errorf("held once all but one ended: got %d, want 1", got)
	}
	for i := range Most { // as they would stand there after Most calls of Put, each of which looks through all
		c.kept[i] = entry[int]{i, start.Add(time.Hour)}
	}
	c.Put(start, Most, Most, time.Hour)
	if got, known := c.Get(start, Most); c.Len() > Most+1 || !known || got != Most {
		t.Errorf("one more than the most: %d held, got %d %t", c.Len(), got, known)
	}
	before := c.Len()
	c.Put(start, Most, 7, time.Hour)
	if got := c.Len(); got != before {
		t.Errorf("a value in the place of another: %d held, want %d", got, before)
	}
}

func TestManyMayUseIt(t *testing.T) {
	t.Parallel()
	var c Cache[string, int]
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 100 {
				key := fmt.Sprint(n % 10)
				c.Add(start, key, i, time.Minute)
				c.Put(start, key, n, time.Minute)
				c.Get(start, key)
				c.Drop(key)
			}
		})
	}
	all.Wait()
	if got := c.Len(); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
}
