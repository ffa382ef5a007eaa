package index

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// This file is the ledger of what handovers were promised of their targets: units of each SKU, so that two do
// not count the same ones, and a place among the handovers that may begin there in an hour and a day. Whoever
// begins takes all at once or nothing, in one script, so it holds whoever else takes at the same time. The
// hours are sliding ones, by Redis's clock: never do more begin in any window, wherever it starts.
//
// An owner has one claim. Taking again changes it and never adds to it, so a crash behind the taking costs
// nothing. Units stay promised until the handover is taken back, or, once its delivery order was sent, until
// the platform told a figure that counts them as reserved. When it does so is not documented; taken for it is
// the first message about the SKU there that was not written before the sending. Where none comes, they end after
// ReservationKept: what is counted twice for so long keeps delivery orders away, it sends none.

// Reservation is what a handover asks of its target.
type Reservation struct {
	Owner    string         // id of the reassignment
	Location string         // id
	Units    map[string]int // by SKU
	PerHour  int            // handovers that may begin there in any hour; 0: no limit
	PerDay   int            // in any 24 hours; 0: no limit
	InStock  bool           // refuse where a known figure is too small
}

// Limits of the ledger.
const (
	ReservationKept = 24 * time.Hour   // of what was sent, if no figure comes; no shorter than the windows
	reviewAfter     = 10 * time.Minute // a promise is held against the journal that often
)

// Reserve promises what is asked for, all or nothing, in the place of what the owner was promised before. False:
// there is no room, and nothing changed.
func (x *Index) Reserve(ctx context.Context, organization string, c Reservation, at time.Time) (bool, error) {
	k := keys(organization)
	took, err := reserveScript.Run(ctx, x.rdb,
		redisscript.Keys{"claims": k.reservations(), "reviews": k.reviews(), "began": k.starts(c.Location)},
		withDates(redisscript.Args{"prefix": k.key(""), "owner": c.Owner, "location": c.Location, "per_hour": c.PerHour, "per_day": c.PerDay,
			"in_stock": c.InStock, "valid_status": statusValid, "oldest_ms": at.Add(-StockFresh).UnixMilli(),
			"review_ms": reviewAfter.Milliseconds(), "units": c.Units})).Bool()
	if err != nil {
		return false, fmt.Errorf("promising units of %s: %w", c.Location, err)
	}
	return took, nil
}

// Release ends the promise of an owner: its units and its place are free again.
func (x *Index) Release(ctx context.Context, organization, owner string) error {
	k := keys(organization)
	return wrapError("releasing the reservation of "+owner,
		releaseScript.Run(ctx, x.rdb, redisscript.Keys{"claims": k.reservations(), "reviews": k.reviews()},
			redisscript.Args{"prefix": k.key(""), "owner": owner}).Err())
}

// Commit tells that the delivery order of an owner was sent, at a moment of the platform's clock: its units stay
// promised until a figure counts them, its place until the windows pass. The first time counts; told again
// after ReservationKept it ends the promise.
func (x *Index) Commit(ctx context.Context, organization, owner string, at time.Time) error {
	k := keys(organization)
	return wrapError("committing the reservation of "+owner,
		commitScript.Run(ctx, x.rdb, redisscript.Keys{"claims": k.reservations(), "reviews": k.reviews()},
			withDates(redisscript.Args{"prefix": k.key(""), "owner": owner, "settled_ms": at.UnixMilli(), "kept_ms": ReservationKept.Milliseconds()})).Err())
}

// NextFree returns how long it takes, at most, until one more handover may begin at a location; 0: at once.
func (x *Index) NextFree(ctx context.Context, organization, location string, perHour, perDay int) (time.Duration, error) {
	ms, err := nextFreeScript.Run(ctx, x.rdb, redisscript.Keys{"began": keys(organization).starts(location)},
		redisscript.Args{"per_hour": perHour, "per_day": perDay}).Int64()
	if err != nil {
		return 0, fmt.Errorf("reading the capacity of %s: %w", location, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// ListStale returns owners, at most most, whose promise has to be held against the journal: what a crash left
// behind ends there. Each comes again after a while, unless it was given back or settled.
func (x *Index) ListStale(ctx context.Context, organization string, most int) ([]string, error) {
	owners, err := listStaleScript.Run(ctx, x.rdb, redisscript.Keys{"reviews": keys(organization).reviews()},
		redisscript.Args{"most": most, "again_ms": reviewAfter.Milliseconds()}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("listing promises: %w", err)
	}
	return owners, nil
}
