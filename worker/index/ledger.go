package index

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// This file is the ledger of reservations. A handover reserves at its target the units of each SKU, so that two
// handovers do not count on the same ones, and one of the handovers that may begin there per hour and per day. It gets
// all of it or nothing, in one script, so the limits hold whoever reserves at the same time. Hours and days are
// sliding windows by Redis's clock: the limit holds in every window, wherever it starts.
//
// An owner has one reservation. Reserving again replaces it and adds nothing, so a crash after reserving costs
// nothing. Units stay reserved until the handover is taken back or, once its delivery order was sent, until the
// platform's stock level counts them as reserved itself. When the platform does so is not documented; assumed is the
// first message about the SKU there that was written after the sending. Where none comes, the reservation ends after
// ReservationKept. Units that are counted twice until then keep delivery orders away from a location; they never send
// one there.

// Reservation is what a handover wants to reserve at its target.
type Reservation struct {
	Owner    string         // id of the reassignment, which has one reservation at most
	Location string         // location id
	Units    map[string]int // units by SKU
	PerHour  int            // limit of handovers that begin there in any hour; 0: none
	PerDay   int            // limit in any 24 hours; 0: none
	InStock  bool           // refuse where the known stock is too small
}

// Limits of the ledger.
const (
	ReservationKept = 24 * time.Hour   // after sending, if no stock level comes; not shorter than the windows
	reviewAfter     = 10 * time.Minute // how often a reservation is checked against the journal
)

// Reserve reserves everything that is asked for, or nothing, in place of the owner's former reservation. False: there
// is not enough capacity or stock, and nothing changed.
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

// Release ends the reservation of an owner, so that others can have its units and its capacity. Where there is none,
// nothing happens.
func (x *Index) Release(ctx context.Context, organization, owner string) error {
	k := keys(organization)
	return wrapError("releasing the reservation of "+owner,
		releaseScript.Run(ctx, x.rdb, redisscript.Keys{"claims": k.reservations(), "reviews": k.reviews()},
			redisscript.Args{"prefix": k.key(""), "owner": owner}).Err())
}

// Commit records that the delivery order of an owner was sent, at a moment of the platform's clock: its units stay
// reserved until a stock level counts them, its capacity until the windows have passed. Only the first call counts; a
// later one, after ReservationKept, ends the reservation.
func (x *Index) Commit(ctx context.Context, organization, owner string, at time.Time) error {
	k := keys(organization)
	return wrapError("committing the reservation of "+owner,
		commitScript.Run(ctx, x.rdb, redisscript.Keys{"claims": k.reservations(), "reviews": k.reviews()},
			withDates(redisscript.Args{"prefix": k.key(""), "owner": owner, "settled_ms": at.UnixMilli(), "kept_ms": ReservationKept.Milliseconds()})).Err())
}

// NextFree returns after how long, at most, one more handover may begin at a location; 0: now.
func (x *Index) NextFree(ctx context.Context, organization, location string, perHour, perDay int) (time.Duration, error) {
	ms, err := nextFreeScript.Run(ctx, x.rdb, redisscript.Keys{"began": keys(organization).starts(location)},
		redisscript.Args{"per_hour": perHour, "per_day": perDay}).Int64()
	if err != nil {
		return 0, fmt.Errorf("reading the capacity of %s: %w", location, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// ListStale returns at most most owners whose reservation has to be checked against the journal, since a crash may
// have left it behind. Each is listed again after reviewAfter until it is released or committed.
func (x *Index) ListStale(ctx context.Context, organization string, most int) ([]string, error) {
	owners, err := listStaleScript.Run(ctx, x.rdb, redisscript.Keys{"reviews": keys(organization).reviews()},
		redisscript.Args{"most": most, "again_ms": reviewAfter.Milliseconds()}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("listing promises: %w", err)
	}
	return owners, nil
}
