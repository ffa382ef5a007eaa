package policy

import (
	"fmt"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// wordCapacity is the fence for which it may be worth to wait.
const wordCapacity = "capacity"

// capacity admits a candidate to which fewer handovers than the limits began lately.
type capacity struct{ limits Capacity }

func readCapacity(r *reader, arg strictyaml.Node) fence {
	f := r.fields(arg, wordCapacity, "per_hour", "per_day")
	c := Capacity{PerHour: r.count(f["per_hour"], "per_hour"), PerDay: r.count(f["per_day"], "per_day")}
	switch {
	case arg.Kind == strictyaml.Mapping && len(arg.Fields) == 0:
		r.refuse(arg, "capacity wants a limit: {per_hour: 50}, {per_day: 400} or both")
	case c.PerDay > 0 && c.PerHour > c.PerDay:
		r.refuse(f["per_hour"], "per_hour is %d and per_day only %d; an hour cannot take more than its day", c.PerHour, c.PerDay)
	}
	return capacity{c}
}

func (p capacity) check(_ Facts, c Candidate) Check {
	var wanted, seen []string
	free := true
	limit := func(limit, used int, of string) {
		if limit > 0 {
			wanted = append(wanted, fmt.Sprintf("under %d %s", limit, of))
			seen = append(seen, fmt.Sprintf("%d %s", used, of))
			free = free && used < limit
		}
	}
	limit(p.limits.PerHour, c.Used.Value.Hour, "in an hour")
	limit(p.limits.PerDay, c.Used.Value.Day, "in a day")
	if !c.Used.Known {
		return unknownCheck(wordCapacity, strings.Join(wanted, " and "))
	}
	return newCheck(wordCapacity, strings.Join(wanted, " and "), strings.Join(seen, " and "), free)
}

// capacity are the limits of the fence, if the rule has it.
func (r reassign) capacity() *Capacity {
	for _, fence := range r.must {
		if c, found := fence.(capacity); found {
			return &c.limits
		}
	}
	return nil
}

// full reports that nothing but its capacity keeps the candidate from being admitted.
func (t CandidateTrace) full() bool {
	full := false
	for _, c := range t.Checks {
		switch {
		case c.Verdict == Holds:
		case c.Word == wordCapacity && c.Verdict == Fails:
			full = true
		default:
			return false
		}
	}
	return full
}
