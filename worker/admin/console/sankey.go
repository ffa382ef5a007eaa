package console

import (
	"fmt"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/wording"
)

// sankey is a Sankey diagram of where the delivery orders of a location went: bands from left to right, as wide as
// their number. The labels are text of the page beside it, so that they stay readable at any width.
type sankey struct {
	From   string
	Sum    int
	Height int
	Bands  []link
}

// link is one band of the diagram.
type link struct {
	Tone, Word string
	Count      int
	Path       string // of the picture, which is sankeyWidth wide
	State      journal.State
}

// Sizes of the diagram, in pixels; the width is stretched to that of the page.
const (
	sankeyWidth = 100
	sankeyRow   = 56
	maxLink     = 40 // of the widest band
	minLink     = 2
	maxTargets  = 8 // fallbacks that have a band of their own
)

func newSankey(inc *journal.Incident, t journal.Tally) sankey {
	f := sankey{From: locationLabel(inc), Sum: t.Sum()}
	shown, others := 0, 0
	for i, target := range wording.ByCount(t.Targets) {
		if i < maxTargets {
			f.add(toneGood, target, t.Targets[target], journal.Reassigned)
			shown += t.Targets[target]
		} else {
			others += t.Targets[target]
		}
	}
	f.add(toneGood, "other fallbacks", others, journal.Reassigned)
	f.add(toneGood, "reassigned", t.States[journal.Reassigned]-shown-others, journal.Reassigned) // their target is not stored
	f.add(toneMoving, "under way", t.InProgress(), "")
	f.add(tonePerson, "need a person", t.States[journal.NeedsPerson], journal.NeedsPerson)
	f.add(toneQuiet, "left there", t.States[journal.Left], journal.Left)
	f.layOut()
	return f
}

func (f *sankey) add(tone, word string, count int, state journal.State) {
	if count > 0 {
		f.Bands = append(f.Bands, link{Tone: tone, Word: word, Count: count, State: state})
	}
}

// layOut computes the bands: stacked at the left, each in its own row at the right.
func (f *sankey) layOut() {
	f.Height = sankeyRow * len(f.Bands)
	thick := make([]float64, len(f.Bands))
	sum := 0.0
	for i, b := range f.Bands {
		thick[i] = max(minLink, maxLink*float64(b.Count)/float64(f.Sum))
		sum += thick[i]
	}
	y := (float64(f.Height) - sum) / 2
	for i := range f.Bands {
		to := sankeyRow*(float64(i)+0.5) - thick[i]/2
		f.Bands[i].Path = fmt.Sprintf("M0 %.1f C50 %.1f 50 %.1f %d %.1f V%.1f C50 %.1f 50 %.1f 0 %.1f Z",
			y, y, to, sankeyWidth, to, to+thick[i], to+thick[i], y+thick[i], y+thick[i])
		y += thick[i]
	}
}
