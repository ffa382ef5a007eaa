package api

import "slices"

// Phase is how far the release of an original is, and whether its replacement was sent. Package journal finds it; its
// phase.go draws how one follows another.
type Phase string

// The phases of a release.
const (
	NotReleased         Phase = "not released"                    // no cancel of the original was intended: the handover can be taken back
	ReleaseBegun        Phase = "release begun"                   // a cancel was intended: only a refusal, a rejection or an operator's leave leads back
	ReleaseConfirmed    Phase = "release confirmed"               // the original is cancelled, or an operator vouches that it is not shipped
	ReplacementSent     Phase = "replacement sent"                // and we sent the present replacement
	SentWithoutRelease  Phase = "replacement sent, not released"  // no cancel is intended, or the one that was is over
	SentBeforeConfirmed Phase = "replacement sent, release begun" // the cancel is not confirmed
)

// Severity says how dangerous it is that a row waits for an operator. A row that waits for none has no severity: "".
type Severity string

// The severities, the most dangerous first.
const (
	MayShipTwice Severity = "may_ship_twice" // two that were sent cover the same units, or may
	NobodyShips  Severity = "nobody_ships"   // the original is cancelled, or may be, and no other location is known to ship
	Waits        Severity = "waits"          // the original stands as before
)

// Severities returns all severities, the most dangerous first.
func Severities() []Severity { return []Severity{MayShipTwice, NobodyShips, Waits} }

// Rank orders severities, the most dangerous first; rows without one come last.
func (s Severity) Rank() int {
	if at := slices.Index(Severities(), s); at >= 0 {
		return at
	}
	return len(Severities())
}

// SeverityOf returns the severity of a row that needs an operator for a reason, in a phase. From the release on nothing is
// below nobody_ships, since no reason proves that another location ships all units.
func SeverityOf(reason Reason, phase Phase) Severity {
	own := explanations[reason].severity
	switch {
	case own == MayShipTwice, phase == SentWithoutRelease, phase == SentBeforeConfirmed:
		return MayShipTwice
	case own == NobodyShips, phase != NotReleased:
		return NobodyShips
	}
	return Waits
}

// Words says a severity to people.
func (s Severity) Words() string {
	switch s {
	case MayShipTwice:
		return "may ship twice"
	case NobodyShips:
		return "nobody ships"
	case Waits:
		return "waits"
	}
	return ""
}
