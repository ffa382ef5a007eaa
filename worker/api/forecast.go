package api

import "time"

// Forecast is the result of asking, for every location of an organization, what would happen if it failed.
type Forecast struct {
	Organization string    `json:"organization_id"`
	At           time.Time `json:"at"`
	All          bool      `json:"all"`      // all known locations were asked
	Revision     string    `json:"revision"` // of the policy that decided

	Orders  int            `json:"orders"`
	Targets map[string]int `json:"reassign"` // by the slug of the target
	Holding int            `json:"hold"`     // how many would wait for capacity
	Left    map[Reason]int `json:"leave"`    //
	// Automatic are, of those that would be reassigned or wait, those that the platform dispatches by itself.
	Automatic int            `json:"automatic,omitempty"`
	Persons   map[Reason]int `json:"needs_person"` //
	Stranded  map[Reason]int `json:"stranded"`     // of those that would need an operator, for a reason that no rule of the policy intends

	Requests  int     `json:"requests"`            // requests to the platform that moving all of them would take
	PerSecond float64 `json:"requests_per_second"` // what the rate limit lets pass; 0: no limit

	Locations []LocationForecast `json:"locations"`
}

// LocationForecast is what would happen to the delivery orders of one location if it failed.
type LocationForecast struct {
	LocationID string           `json:"location_id"`
	Location   string           `json:"location"` // slug, or the id where it has none
	Orders     int              `json:"orders"`
	Moves      int              `json:"reassign"`
	Holding    int              `json:"hold"`
	Left       int              `json:"leave"`
	Persons    int              `json:"needs_person"`
	Stranded   int              `json:"stranded"`
	Requests   int              `json:"requests"`
	Targets    []TargetForecast `json:"targets"`
}

// TargetForecast is how many delivery orders one fallback would receive, and how many it could not take, with the
// reason.
type TargetForecast struct {
	Location   string        `json:"location"`
	Orders     int           `json:"orders"` // delivery orders that would go there
	Units      int           `json:"units"`
	NoCapacity int           `json:"no_capacity"`   // delivery orders turned away for lack of capacity
	NoStock    int           `json:"no_stock"`      // turned away: the stock is too small
	Unknown    int           `json:"stock_unknown"` // turned away: no stock level is known for one of the SKUs
	PerHour    int           `json:"per_hour,omitempty"`
	PerDay     int           `json:"per_day,omitempty"`
	UsedHour   int           `json:"used_hour,omitempty"` // of its capacity in this hour, before the forecast
	UsedDay    int           `json:"used_day,omitempty"`
	Short      []SKUShortage `json:"short,omitempty"`      // the SKUs that lack most
	ShortSKUs  int           `json:"short_skus,omitempty"` // how many SKUs lack
}

// SKUShortage is a SKU of which a fallback has less than would be needed.
type SKUShortage struct {
	SKU       string `json:"sku"`
	Requested int    `json:"asked"` // units
	Available int    `json:"there"` // units in stock that are not reserved for other delivery orders
}

// BrokenAnswer says why an answer that has begun is incomplete: the status and error that it would have had instead.
type BrokenAnswer struct {
	Status int    `json:"status"`
	Error  string `json:"error"`
}
