package app

import (
	"context"
	"testing"
	"time"
)

func TestARoundIsMadeAtTheStartAndThenEveryInterval(t *testing.T) {
	t.Parallel()
	t.Run("at once, however long the interval", func(t *testing.T) {
		t.Parallel()
		ctx, stop := context.WithCancel(t.Context())
		made := 0
		runEvery(ctx, time.Hour, func(context.Context) { made++; stop() })
		if made != 1 {
			t.Errorf("%d rounds were made before the end, want 1", made)
		}
	})
	t.Run("again after the interval, until the end", func(t *testing.T) {
		t.Parallel()
		const interval, wanted = 10 * time.Millisecond, 3
		ctx, stop := context.WithCancel(t.Context())
		begun, made := time.Now(), 0
		runEvery(ctx, interval, func(context.Context) {
			if made++; made == wanted {
				stop()
			}
		})
		if took := time.Since(begun); made != wanted || took < (wanted-1)*interval {
			t.Errorf("%d rounds were made in %s, want %d, each %s after the last", made, took, wanted, interval)
		}
	})
}
