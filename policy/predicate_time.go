package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/policy/strictyaml"
)

// window holds at some hours of some days, by the clock on the wall of a place.
type window struct {
	zone     *time.Location
	from, to int      // minutes of the day; to is not in it. from is after to where it passes midnight
	days     []string // on which it begins; all where none is named
}

const (
	wordTime  = "time"
	dayLength = 24 * 60 // minutes
)

// weekdays are in the order of [time.Weekday].
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func readTime(r *reader, arg strictyaml.Node) predicate {
	f := r.fields(arg, wordTime, "zone", "from", "to", "days")
	p := window{to: dayLength}
	if arg.Kind != strictyaml.Mapping {
		return p
	}
	hours := f["from"].Kind != strictyaml.Absent || f["to"].Kind != strictyaml.Absent
	if !hours && f["days"].Kind == strictyaml.Absent {
		r.refuse(arg, `time wants hours or days, like {zone: Europe/Paris, from: "08:00", to: "16:00", days: [mon, tue]}: without them it always holds`)
	}
	p.zone = r.zone(arg, f["zone"])
	before := len(r.problems)
	if n := f["from"]; n.Kind != strictyaml.Absent {
		p.from = r.minute(n, "from", 0, dayLength-1)
	}
	if n := f["to"]; n.Kind != strictyaml.Absent {
		p.to = r.minute(n, "to", 0, dayLength)
	}
	switch readable := len(r.problems) == before; {
	case readable && p.from == p.to:
		r.refuse(arg, "from and to are both %s, so this window never holds; leave both out where the whole day is meant", clock(p.to))
	case readable && hours && p.from == 0 && p.to == dayLength:
		r.refuse(arg, "from 00:00 to 24:00 is the whole day; leave both out")
	}
	if n := f["days"]; n.Kind != strictyaml.Absent {
		p.days = r.choices(n, "day", weekdays)
	}
	return p
}

// zone reads the name of a time zone.
func (r *reader) zone(arg, n strictyaml.Node) *time.Location {
	if n.Kind == strictyaml.Absent {
		r.refuse(arg, "zone is missing; write whose clock is meant, like zone: Europe/Paris")
		return nil
	}
	name := r.name(n, "zone")
	if name == "" {
		return nil
	}
	if r.sources.Zone == nil {
		r.refuse(n, "the zone %s cannot be looked up here", quote(n))
		return nil
	}
	zone, err := r.sources.Zone(name)
	if err != nil {
		r.refuse(n, "%s is no time zone; write one as tzdata names it, like Europe/Paris or UTC", quote(n))
		return nil
	}
	return zone
}

// minute reads a time of the day, as minutes from midnight. 24:00 is the end of the day.
func (r *reader) minute(n strictyaml.Node, what string, least, most int) int {
	var hour, minute int
	_, err := fmt.Sscanf(n.Text, "%02d:%02d", &hour, &minute)
	at := hour*60 + minute
	if n.Kind != strictyaml.Text || err != nil || n.Text != clock(at) || at < least || at > most {
		r.refuse(n, `%s must be a time of the day from "%s" to "%s", in quotes, like "16:00"; not %s`, what, clock(least), clock(most), quote(n))
		return 0
	}
	return at
}

// clock is a minute of the day as a policy writes it.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// check looks at the clock and the calendar of the zone. The hours of a window that passes midnight belong to the day on which
// it began.
func (p window) check(f Facts) Check {
	if !f.Moment.Known || p.zone == nil {
		return unknownCheck(wordTime, p.String())
	}
	at := f.Moment.Value.In(p.zone)
	minute, day := at.Hour()*60+at.Minute(), int(at.Weekday())
	holds := p.from <= minute && minute < p.to
	if p.from > p.to {
		if holds = minute >= p.from || minute < p.to; minute < p.to {
			day = (day + len(weekdays) - 1) % len(weekdays)
		}
	}
	holds = holds && (len(p.days) == 0 || slices.Contains(p.days, weekdays[day]))
	return newCheck(wordTime, p.String(), weekdays[int(at.Weekday())]+" "+clock(minute), holds)
}

// covers: when a rule is asked tells nothing of another moment.
func (window) covers(predicate) bool { return false }

// String is the window in words.
func (p window) String() string {
	var words []string
	if p.from != 0 || p.to != dayLength {
		words = append(words, clock(p.from)+" to "+clock(p.to))
	}
	if len(p.days) > 0 {
		words = append(words, strings.Join(p.days, ", "))
	}
	if p.zone != nil {
		words = append(words, p.zone.String())
	}
	return strings.Join(words, " ")
}
