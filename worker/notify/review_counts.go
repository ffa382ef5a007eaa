package notify

import (
	"maps"

	"happycolis-reassigner/worker/journal"
)

// reviewCounts is how many delivery orders need an operator, by reason.
type reviewCounts map[journal.Reason]int

// countNeedsPerson is how many delivery orders of the incident need an operator, by reason, without the urgent ones: of
// those each is told.
func (s incidentState) countNeedsPerson() reviewCounts {
	all := reviewCounts(maps.Clone(s.tally.Reasons[journal.NeedsPerson]))
	maps.DeleteFunc(all, func(reason journal.Reason, _ int) bool { return reason.IsUrgent() })
	return all
}

// atMost is p without what is no more.
func (p reviewCounts) atMost(now reviewCounts) reviewCounts {
	kept := reviewCounts{}
	for reason, n := range p {
		if n = min(n, now[reason]); n > 0 {
			kept[reason] = n
		}
	}
	return kept
}

// hasGrown reports whether there are more now for any reason.
func (p reviewCounts) hasGrown(now reviewCounts) bool {
	for reason, n := range now {
		if n > p[reason] {
			return true
		}
	}
	return false
}

func (p reviewCounts) sum() int {
	n := 0
	for _, of := range p {
		n += of
	}
	return n
}
