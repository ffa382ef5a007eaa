package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Forecast is what a forecast of an organization's locations came to.
type Forecast struct {
	Organization string    `json:"organization_id"`
	At           time.Time `json:"at"`
	All          bool      `json:"all"`      // of every location that is known
	Revision     string    `json:"revision"` // of the policy

	Orders   int            `json:"orders"`
	Targets  map[string]int `json:"reassign"`     // by the slug of the target
	Holding  int            `json:"hold"`         // would wait for capacity
	Left     map[Reason]int `json:"leave"`        //
	Persons  map[Reason]int `json:"needs_person"` //
	Stranded map[Reason]int `json:"stranded"`     // of those that need an operator: nobody meant that

	Requests  int     `json:"requests"`            // of all locations, to the platform
	PerSecond float64 `json:"requests_per_second"` // that the rate limit lets pass; 0: it has none

	Locations []LocationForecast `json:"locations"`
}

// LocationForecast is what would happen if one location failed.
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

// TargetForecast is what one fallback would be asked for, and what it could not take.
type TargetForecast struct {
	Location   string        `json:"location"`
	Orders     int           `json:"orders"` // that go there
	Units      int           `json:"units"`
	NoCapacity int           `json:"no_capacity"`   // orders turned away
	NoStock    int           `json:"no_stock"`      // too few units
	Unknown    int           `json:"stock_unknown"` // nothing is known of a SKU
	PerHour    int           `json:"per_hour,omitempty"`
	PerDay     int           `json:"per_day,omitempty"`
	UsedHour   int           `json:"used_hour,omitempty"` // before
	UsedDay    int           `json:"used_day,omitempty"`
	Short      []SKUShortage `json:"short,omitempty"`      // the SKUs that are most short
	ShortSKUs  int           `json:"short_skus,omitempty"` // how many are short
}

// SKUShortage is one that a fallback has too little of.
type SKUShortage struct {
	SKU       string `json:"sku"`
	Requested int    `json:"asked"` // units
	Available int    `json:"there"` // not promised to others
}

// SaveForecast remembers the last forecast of all locations.
func (j *Journal) SaveForecast(ctx context.Context, o *Forecast) error {
	body, err := json.Marshal(o)
	if err == nil {
		err = j.rdb.Set(ctx, keys(o.Organization).forecast(), body, 0).Err()
	}
	if err != nil {
		return fmt.Errorf("keeping the outlook: %w", err)
	}
	return nil
}

// LastForecast returns the last forecast of all locations; nil if there was none.
func (j *Journal) LastForecast(ctx context.Context, organization string) (*Forecast, error) {
	body, err := orEmpty(j.rdb.Get(ctx, keys(organization).forecast()).Result())
	if err != nil {
		return nil, fmt.Errorf("reading the outlook: %w", err)
	}
	if body == "" {
		return nil, nil
	}
	o := new(Forecast)
	if err := json.Unmarshal([]byte(body), o); err != nil {
		return nil, fmt.Errorf("reading the outlook: %w", ErrCorrupt)
	}
	return o, nil
}
