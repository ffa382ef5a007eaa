package journal

import (
	"context"
	"encoding/json"
	"fmt"
)

// SaveForecast stores the last forecast of all locations, in place of the one before.
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

// LastForecast returns the last forecast of all locations; nil, nil if none was made.
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
