package worker

import (
	"testing"
	"time"
)

func TestSlotsOfEachAreFewerWhereManyShareAWorker(t *testing.T) {
	t.Parallel()
	for organizations, want := range map[int]int{0: 24, 1: 24, 2: 24, 10: 24, 20: 12, 100: 2, 1000: 2} {
		if got := handoverConcurrency.share(organizations); got != want {
			t.Errorf("of %d organizations each has %d slots, want %d", organizations, got, want)
		}
	}
}

func TestWhoFindsNoSlotComesBackInTurn(t *testing.T) {
	t.Parallel()
	turn := newSlots(24).nextSlotAt
	now := time.Now()
	for i := range 1000 {
		got := turn("org_1", now)
		want := 500*time.Millisecond + time.Duration(i)*5*time.Millisecond
		if got < want || got >= want+5*time.Millisecond {
			t.Fatalf("number %d comes back after %s, want %s", i+1, got, want)
		}
	}
	if got := turn("org_2", now); got > 505*time.Millisecond {
		t.Errorf("the first of another organization comes back after %s", got)
	}
	if got := turn("org_1", now.Add(time.Minute)); got > 505*time.Millisecond {
		t.Errorf("after a minute of quiet one comes back after %s", got)
	}
}
