package policy

import "time"

// Facts is what Decide may look at: one delivery order and the locations it could go to.
// Nothing in it names a person.
type Facts struct {
	// DeliveryOrder is its id. It is copied into the decision and judged by nothing.
	DeliveryOrder string

	// From and FromID are the slug and the id of the failing location. A policy may name
	// a location by either, so leave empty what is not known; a caller who has one name
	// and cannot tell which it is puts it into both.
	From, FromID string

	// Moment is when the delivery order was first decided on, by a clock that all deciders share. It stays the same when it
	// is decided on again, so that an answer does not change with the hour.
	Moment Fact[time.Time]

	Priority    Fact[string] // LOW, NORMAL or HIGH (documented)
	OrderType   Fact[string] // B2B or B2C (documented); told by webhooks only
	PickupPoint Fact[bool]   // whether it goes to a pickup point; told by webhooks only
	Country     Fact[string] // of the delivery address, ISO 3166-1 alpha-2 (documented)
	Lines       Fact[[]Line] // what has to be shipped; a list without lines tells nothing

	// Candidates are keyed by the name as the policy writes it (see [Policy.Needs]).
	// One that is absent could not be read, and is never admitted.
	Candidates map[string]Candidate
}

// Line is so many units of one thing. Several lines may have the same SKU.
type Line struct {
	SKU      string // empty: not known
	Quantity int    // units
}

// Candidate is a location that a delivery order could be handed over to.
type Candidate struct {
	ID, Slug string // without an ID it counts as not read

	Active      Fact[bool]
	Type        Fact[string] // INTERNAL, WAREHOUSE or EXTERNAL (documented)
	Integration Fact[string] // PENDING, ACTIVE, INACTIVE or ERROR (documented); Known("") when not connected

	Accepting   Fact[bool] // whether it takes orders by now; told by webhooks only, and not known where they told of no date
	AcceptsFrom string     // from when on, as the trace says it; judged by nothing

	UnderIncident bool // the location has an open incident of its own, and is known to have failed
	Suspected     bool // it has one that nothing confirmed yet: it may have failed
	Tried         bool // this delivery order was already sent to it, or refused by it

	// Country codes that the location ships to. An empty list of allowed countries is no
	// restriction (assumed); an excluded country is excluded even where it is allowed.
	AllowedCountries, ExcludedCountries []string

	Stock map[string]Stock // by SKU; one that is absent is not known
	Used  Fact[Used]       // handovers counted against its capacity
}

// Stock is what a location has of one SKU.
type Stock struct {
	Available int           // units that are not promised to others, if Known
	Known     bool          // else only Age is told: the last figure is too old to be used
	Age       time.Duration // since the platform told it; 0 when that is not known
}

// Used is how many handovers to a location began.
type Used struct {
	Hour, Day int // in the last hour, in the last 24 hours
}

// Fact is a value that may be unknown. The zero Fact is unknown.
type Fact[T any] struct {
	Known bool
	Value T
}

// Known is the fact that the value is v.
func Known[T any](v T) Fact[T] { return Fact[T]{Known: true, Value: v} }

// lines returns the lines of the delivery order, if there are any.
func (f Facts) lines() (lines []Line, known bool) {
	return f.Lines.Value, f.Lines.Known && len(f.Lines.Value) > 0
}

// textOf returns the text of a fact for which empty text tells nothing.
func textOf(f Fact[string]) (text string, known bool) {
	return f.Value, f.Known && f.Value != ""
}
