package alert

import (
	"maps"

	"happycolis-reassigner/worker/journal"
)

// persons is how many delivery orders need a person, by reason.
type persons map[journal.Reason]int

// waiting is how many delivery orders of the incident need a person, by reason, without the urgent ones: of
// those each is told.
func (s subject) waiting() persons {
	all := persons(maps.Clone(s.tally.Reasons[journal.NeedsPerson]))
	maps.DeleteFunc(all, func(reason journal.Reason, _ int) bool { return reason.Urgent() })
	return all
}

// atMost is p without what is no more.
func (p persons) atMost(now persons) persons {
	kept := persons{}
	for reason, n := range p {
		if n = min(n, now[reason]); n > 0 {
			kept[reason] = n
		}
	}
	return kept
}

// fewer reports whether there are more now for any reason.
func (p persons) fewer(now persons) bool {
	for reason, n := range now {
		if n > p[reason] {
			return true
		}
	}
	return false
}

func (p persons) sum() int {
	n := 0
	for _, of := range p {
		n += of
	}
	return n
}
