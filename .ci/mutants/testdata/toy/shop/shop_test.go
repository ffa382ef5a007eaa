package shop

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestKeep(t *testing.T) {
	for _, c := range []struct {
		name   string
		parcel Parcel
		age    time.Duration
		want   Parcel
	}{
		{"new", Parcel{ID: "a", Units: 3}, 0, Parcel{ID: "a", Units: 4}},
		{"large", Parcel{ID: "a", Units: 30}, 0, Parcel{ID: "a", Units: 10}},
		{"old", Parcel{ID: "a", Units: 3}, Kept + 1, Parcel{}},
		{"lost", Parcel{ID: "a", Lost: true}, 0, Parcel{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := Keep(c.parcel, c.age, slog.Default()); err != nil || got != c.want {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestNothing(t *testing.T) {
	if _, err := Keep(Parcel{}, 0, slog.Default()); err == nil {
		t.Error("nothing is kept")
	}
}

func TestSize(t *testing.T) {
	if Size(1) != "one" || Size(2) != "few" || Size(4) != "many" {
		t.Error("sizes are wrong")
	}
}

func TestText(t *testing.T) {
	if !strings.Contains(Text(), "redis.call('SET', keys.parcel, 'kept', now + 1)") {
		t.Error("the script keeps nothing")
	}
}
