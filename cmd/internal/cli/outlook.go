package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/wording"
)

// printOutlook prints a forecast.
func printOutlook(w *terminal.Output, o api.Forecast, named bool) {
	if named {
		w.Printf("Organization %s.\n", o.Organization)
	}
	if len(o.Locations) == 0 {
		w.Println("No location is known yet. Webhooks tell of them, and reassigner import.")
		return
	}
	where := "at " + o.Locations[0].Location
	if o.All {
		where = "at " + terminal.Plural(len(o.Locations), "location")
		printLocations(w, o)
	}
	if o.Orders == 0 {
		w.Printf("Nothing is known to be in flight %s.\n", where)
		return
	}
	w.Printf("%s %s: %s\n\n", terminal.Plural(o.Orders, "delivery order"), where, summarizePlan(o.Targets, o.Holding, o.Left, o.Persons))
	printCounts(w, o.Targets, o.Holding, o.Left, o.Persons)
	printAutomatic(w, o.Automatic, strings.TrimPrefix(where, "at "))
	printTargets(w, o)
	printEffort(w, o)
	printStranded(w, o)
}

func printLocations(w *terminal.Output, o api.Forecast) {
	t := &terminal.Table{Head: []string{"IF THIS FAILS", "ORDERS", "MOVE", "WAIT", "STAY", "NEED A PERSON", "STRANDED", "REQUESTS", "TAKES"}}
	for _, l := range o.Locations {
		t.Add(l.Location, countOrDash(l.Orders), countOrDash(l.Moves), countOrDash(l.Holding), countOrDash(l.Left), countOrDash(l.Persons), countOrDash(l.Stranded),
			countOrDash(l.Requests), formatEffort(l.Requests, o.PerSecond))
	}
	t.Print(w, "")
	w.Println()
}

// countOrDash formats a count in a table; 0 is a dash, so that the others stand out.
func countOrDash(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// summarizePlan returns the counts of a plan in one line.
func summarizePlan(targets map[string]int, holding int, left, persons map[api.Reason]int) string {
	text := fmt.Sprintf("%d would be reassigned, %d left, %d need a person", wording.Sum(targets), wording.Sum(left), wording.Sum(persons))
	if holding > 0 {
		text += fmt.Sprintf(", %d wait for capacity", holding)
	}
	return text + "."
}

// printCounts shows the counts by target and by reason, the largest first, with what each reason means.
func printCounts(w *terminal.Output, targets map[string]int, holding int, left, persons map[api.Reason]int) {
	t := &terminal.Table{Head: []string{"ORDERS", "WOULD", "BECAUSE"}}
	for _, target := range wording.ByCount(targets) {
		t.Add(strconv.Itoa(targets[target]), "go to "+target, "")
	}
	if holding > 0 {
		t.Add(strconv.Itoa(holding), "wait", "every fallback that fits is full for now")
	}
	for _, reason := range wording.ByCount(left) {
		t.Add(strconv.Itoa(left[reason]), "stay: "+string(reason), reason.Meaning())
	}
	for _, reason := range wording.ByCount(persons) {
		t.Add(strconv.Itoa(persons[reason]), "need a person: "+string(reason), reason.Meaning())
	}
	t.Print(w, "  ")
}

// printAutomatic prints how many of those that would move the platform may send there again.
func printAutomatic(w *terminal.Output, n int, location string) {
	if n > 0 {
		w.Printf("\n%d of those that move are AUTOMATIC: the platform may send these to %s again. Switch it off in HappyColis first.\n", n, location)
	}
}

// printTargets prints what the fallbacks would receive, where one of them has limits or lacks stock.
func printTargets(w *terminal.Output, o api.Forecast) {
	var lead []string
	if o.All {
		lead = []string{"IF THIS FAILS"}
	}
	t := &terminal.Table{Head: append(lead, "FALLBACK", "ORDERS", "UNITS", "TURNED AWAY")}
	short := &terminal.Table{Head: append(lead, "FALLBACK", "SKU", "ASKED", "THERE", "SHORT")}
	more := 0
	for _, l := range o.Locations {
		for _, target := range l.Targets {
			name := []string{target.Location}
			if o.All {
				name = []string{l.Location, target.Location}
			}
			t.Add(append(name, countOrDash(target.Orders), countOrDash(target.Units), turnedAway(target))...)
			for _, s := range target.Short {
				short.Add(append(name, s.SKU, strconv.Itoa(s.Requested), countOrDash(s.Available), strconv.Itoa(s.Requested-s.Available))...)
			}
			more += target.ShortSKUs - len(target.Short)
		}
	}
	if len(t.Rows) == 0 {
		return
	}
	w.Println()
	t.Print(w, "  ")
	if len(short.Rows) > 0 {
		w.Print("\n  Too few units:\n")
		short.Print(w, "  ")
	}
	if more > 0 {
		w.Printf("  and %s more\n", terminal.Plural(more, "SKU"))
	}
}

// turnedAway says how many orders a fallback could not take, and why.
func turnedAway(t api.TargetForecast) string {
	var why []string
	if t.NoCapacity > 0 {
		why = append(why, fmt.Sprintf("%d full (%s)", t.NoCapacity, formatLimits(t)))
	}
	if t.NoStock > 0 {
		why = append(why, fmt.Sprintf("%d too few units", t.NoStock))
	}
	if t.Unknown > 0 {
		why = append(why, fmt.Sprintf("%d stock not known", t.Unknown))
	}
	if len(why) == 0 {
		return "-"
	}
	return strings.Join(why, ", ")
}

func formatLimits(t api.TargetForecast) string {
	var parts []string
	if t.PerHour > 0 {
		parts = append(parts, fmt.Sprintf("%d an hour, %d used", t.PerHour, t.UsedHour))
	}
	if t.PerDay > 0 {
		parts = append(parts, fmt.Sprintf("%d a day, %d used", t.PerDay, t.UsedDay))
	}
	return strings.Join(parts, "; ")
}

// printEffort prints how many requests it would take and how long, and how that is known.
func printEffort(w *terminal.Output, o api.Forecast) {
	w.Printf("\nIt takes about %s", terminal.Plural(o.Requests, "request"))
	if o.PerSecond > 0 {
		if o.All {
			w.Printf(" in all")
		} else {
			w.Printf(", %s", formatEffort(o.Requests, o.PerSecond))
		}
		w.Printf(", at %.1f a second (happycolis.rate_limit)", o.PerSecond)
	}
	w.Print(".\n3 for a DRAFT, 5 for another, 6 if the platform dispatches it by itself, 1 for what does not move;\n" +
		"waiting for cancellations and acceptances comes on top.\n")
}

// formatEffort is how long requests take at a rate, in words; "-" where that is not known.
func formatEffort(requests int, perSecond float64) string {
	if perSecond <= 0 || requests == 0 {
		return "-"
	}
	seconds := math.Ceil(float64(requests) / perSecond)
	switch {
	case seconds < 90:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 90*60:
		return fmt.Sprintf("%.0f min", math.Ceil(seconds/60))
	default:
		return fmt.Sprintf("%.1f h", seconds/3600)
	}
}

func printStranded(w *terminal.Output, o api.Forecast) {
	if len(o.Stranded) == 0 {
		w.Print("\nNobody would be stranded.\n")
		return
	}
	var why []string
	for _, reason := range wording.ByCount(o.Stranded) {
		text := string(reason)
		if reason == api.PolicyRule {
			text += " (no rule matches)"
		}
		why = append(why, fmt.Sprintf("%d %s", o.Stranded[reason], text))
	}
	w.Printf("\nStranded: %d, for which nobody named a place: %s.\n", wording.Sum(o.Stranded), strings.Join(why, ", "))
}
