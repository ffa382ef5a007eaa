package console

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"happycolis-reassigner/worker/journal"
)

// flow is the picture of where the delivery orders of a location went: bands from one side to the other, as
// thick as they are many. The words beside it are text of the page, so that they can be read at any width.
type flow struct {
	From   string
	Sum    int
	Height int
	Bands  []band
}

// band is one of its ends.
type band struct {
	Tone, Word string
	Count      int
	Path       string // of the picture, which is flowWidth wide
	State      journal.State
}

// Sizes of the picture, in pixels; the width is stretched to the room there is.
const (
	flowWidth  = 100
	flowRow    = 56
	bandMost   = 40 // of the thickest
	bandLeast  = 2
	targetMost = 8 // fallbacks with a band of their own
)

func flowOf(inc *journal.Incident, t journal.Tally) flow {
	f := flow{From: placeOf(inc), Sum: t.Sum()}
	targets := slices.SortedFunc(maps.Keys(t.Targets), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Targets[b], t.Targets[a]), cmp.Compare(a, b))
	})
	shown, others := 0, 0
	for i, target := range targets {
		if i < targetMost {
			f.add(toneGood, target, t.Targets[target], journal.Reassigned)
			shown += t.Targets[target]
		} else {
			others += t.Targets[target]
		}
	}
	f.add(toneGood, "other fallbacks", others, journal.Reassigned)
	f.add(toneGood, "reassigned", t.States[journal.Reassigned]-shown-others, journal.Reassigned) // where the target was not kept
	f.add(toneMoving, "under way", t.UnderWay(), "")
	f.add(tonePerson, "need a person", t.States[journal.NeedsPerson], journal.NeedsPerson)
	f.add(toneQuiet, "left there", t.States[journal.Left], journal.Left)
	f.draw()
	return f
}

func (f *flow) add(tone, word string, count int, state journal.State) {
	if count > 0 {
		f.Bands = append(f.Bands, band{Tone: tone, Word: word, Count: count, State: state})
	}
}

// draw lays the bands: at the left one upon the other in the middle, at the right each in its row.
func (f *flow) draw() {
	f.Height = flowRow * len(f.Bands)
	thick := make([]float64, len(f.Bands))
	sum := 0.0
	for i, b := range f.Bands {
		thick[i] = max(bandLeast, bandMost*float64(b.Count)/float64(f.Sum))
		sum += thick[i]
	}
	y := (float64(f.Height) - sum) / 2
	for i := range f.Bands {
		to := flowRow*(float64(i)+0.5) - thick[i]/2
		f.Bands[i].Path = fmt.Sprintf("M0 %.1f C50 %.1f 50 %.1f %d %.1f V%.1f C50 %.1f 50 %.1f 0 %.1f Z",
			y, y, to, flowWidth, to, to+thick[i], to+thick[i], y+thick[i], y+thick[i])
		y += thick[i]
	}
}
