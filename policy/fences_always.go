package policy

import "strconv"

// alwaysOn are the fences that hold for every rule and cannot be written or left out.
func alwaysOn() []fence {
	return []fence{otherLocation{}, active{}, integration{}, acceptingOrders{}, incident{}, tried{}}
}

// alwaysOnWords are their names in a trace.
var alwaysOnWords = []string{wordLocation, "active", wordIntegration, wordAccepting, wordIncident, "tried"}

// wordLocation is the check that the candidate is there, and another one; wordIncident and wordIntegration tell of a
// location that may have failed.
const (
	wordLocation    = "location"
	wantedOther     = "not the failing one"
	wordIntegration = "integration"
	wordIncident    = "incident"
	seenSuspected   = "not confirmed yet"
)

// otherLocation keeps a delivery order from going back to where it is stuck. Slugs are
// unique within an organization (assumed), so one pair that can be compared is enough.
type otherLocation struct{}

func (otherLocation) check(f Facts, c Candidate) Check {
	seen := c.Slug
	if seen == "" {
		seen = c.ID
	}
	ids := f.FromID != ""
	slugs := f.From != "" && c.Slug != ""
	switch {
	case ids && c.ID == f.FromID, slugs && c.Slug == f.From:
		return newCheck(wordLocation, wantedOther, seen, false)
	case !ids && !slugs:
		return unknownCheck(wordLocation, wantedOther)
	default:
		return newCheck(wordLocation, wantedOther, seen, true)
	}
}

// active refuses a location that is switched off: it takes no new requests (documented).
type active struct{}

func (active) check(_ Facts, c Candidate) Check {
	if !c.Active.Known {
		return unknownCheck("active", "true")
	}
	return newCheck("active", "true", strconv.FormatBool(c.Active.Value), c.Active.Value)
}

// integration refuses a warehouse whose link to its fulfilment service does not work.
// Only a WAREHOUSE has such a link (documented). A type that is not one of the documented
// three is as good as unknown.
type integration struct{}

func (integration) check(_ Facts, c Candidate) Check {
	const word, wanted = wordIntegration, "ACTIVE"
	switch c.Type {
	case Known("INTERNAL"), Known("EXTERNAL"):
		return newCheck(word, "none for "+c.Type.Value, "not needed", true)
	case Known("WAREHOUSE"):
	default:
		return unknownCheck(word, wanted)
	}
	if !c.Integration.Known {
		return unknownCheck(word, wanted)
	}
	seen := c.Integration.Value
	if seen == "" {
		seen = "not connected"
	}
	return newCheck(word, wanted, seen, seen == wanted)
}

// acceptingOrders refuses a location that begins to take orders later (acceptFulfillmentAt): what is sent there before is
// refused (assumed). Where nobody told of a date it takes them: now is the default (documented), and only webhooks tell.
type acceptingOrders struct{}

const wordAccepting = "accepting_orders"

func (acceptingOrders) check(_ Facts, c Candidate) Check {
	seen := "no later date is known"
	switch {
	case c.Accepting == Known(true):
		seen = "yes"
	case c.Accepting.Known && c.AcceptsFrom == "":
		seen = "no"
	case c.Accepting.Known:
		seen = "from " + c.AcceptsFrom
	}
	return newCheck(wordAccepting, "accepts orders by now", seen, !c.Accepting.Known || c.Accepting.Value)
}

// incident refuses a location that has just failed itself, or of which it is said and not confirmed yet.
type incident struct{}

func (incident) check(_ Facts, c Candidate) Check {
	seen := "none"
	switch {
	case c.UnderIncident:
		seen = "open"
	case c.Suspected:
		seen = seenSuspected
	}
	return newCheck(wordIncident, "none", seen, seen == "none")
}

// suspected reports that nothing but an incident that is not confirmed yet keeps the candidate from being admitted, or
// what that may come from, or its capacity besides: once it is clear whether the location failed, it may be admitted.
func (t CandidateTrace) suspected() bool {
	suspected := false
	for _, c := range t.Checks {
		switch {
		case c.Verdict == Holds, c.Word == wordCapacity && c.Verdict == Fails:
		case c.Word == wordIntegration && c.Seen == "ERROR":
		case c.Word == wordIncident && c.Seen == seenSuspected:
			suspected = true
		default:
			return false
		}
	}
	return suspected
}

// tried keeps a delivery order from going round in circles.
type tried struct{}

func (tried) check(_ Facts, c Candidate) Check {
	seen := "not yet"
	if c.Tried {
		seen = "before"
	}
	return newCheck("tried", "not yet", seen, !c.Tried)
}
