// Package ledger decides which handover gets which units and which start at a fallback. It stores the stock levels that
// the platform told of, and what handovers have reserved of them.
//
// A handover reserves at its target the units of each SKU, so that two handovers do not count on the same ones, and one
// of the handovers that may start there per hour and per day. It gets all of it or nothing, in one script, so the
// limits hold whoever reserves at the same time. Hours and days are sliding windows by Redis's clock: the limit holds
// in every window, wherever it starts.
//
// An owner has one reservation. Reserving again replaces it and adds nothing, so a crash after reserving costs
// nothing. Units stay reserved until the handover is taken back or, once its delivery order was sent, until the
// platform's stock level counts them as reserved itself. When the platform does so is not documented; assumed is the
// first message about the SKU there that was written after the sending. Where none comes, the reservation ends after
// ReservationKept. Units that are counted twice until then keep delivery orders away from a location; they never send
// one there.
package ledger

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/redisscript"
)

// Ledger stores stock levels and reservations in Redis. It may be used by several goroutines, and by several processes
// over one Redis.
type Ledger struct {
	rdb   redis.UniversalClient
	index *index.Index // knows which messages were seen
}

// New returns the ledger over the Redis of an index; it does not connect.
func New(rdb redis.UniversalClient, seenBy *index.Index) *Ledger {
	return &Ledger{rdb: rdb, index: seenBy}
}

// Arrived returns the ledger for what arrived at a time, as index.Arrived does.
func (l *Ledger) Arrived(at time.Time) *Ledger {
	return New(l.rdb, l.index.Arrived(at))
}

// lua has the scripts of the ledger; each says in its file what it does.
//
//go:embed lua/*.lua
var lua embed.FS

var (
	reserveScript      = redisscript.New(lua, "reserve.lua", index.SharedScripts)
	releaseScript      = redisscript.New(lua, "release.lua")
	commitScript       = redisscript.New(lua, "commit.lua", index.SharedScripts)
	nextFreeScript     = redisscript.New(lua, "next_free.lua")
	listStaleScript    = redisscript.New(lua, "list_stale.lua")
	availabilityScript = redisscript.New(lua, "availability.lua", index.SharedScripts)
	putStockScript     = redisscript.New(lua, "put_stock.lua", index.SharedScripts)
)

type keys string

func (org keys) key(name string) string         { return rediskey.Of(string(org), name) }
func (org keys) reservations() string           { return org.key("reservations") }        // owner > its reservation
func (org keys) reviews() string                { return org.key("reservations:due") }    // owner > by when its reservation is checked against the journal
func (org keys) started(location string) string { return org.key("started:" + location) } // handovers started at a location, by when
func (org keys) stock(location, sku string) string {
	return org.key("stock:" + location + "|" + sku) // the stock level, and the units that are reserved by us
}
func (org keys) committed(location, sku string) string {
	return org.key("committed:" + location + "|" + sku) // owners whose delivery order was sent, by when
}

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
func (l *Ledger) Reserve(ctx context.Context, organization string, r Reservation, at time.Time) (bool, error) {
	k := keys(organization)
	reserved, err := reserveScript.Run(ctx, l.rdb,
		redisscript.Keys{"reservations": k.reservations(), "reviews": k.reviews(), "started": k.started(r.Location)},
		redisscript.Args{"prefix": k.key(""), "owner": r.Owner, "location": r.Location, "per_hour": r.PerHour, "per_day": r.PerDay,
			"in_stock": r.InStock, "valid_status": statusValid, "oldest_ms": at.Add(-StockFresh).UnixMilli(),
			"review_ms": reviewAfter.Milliseconds(), "units": r.Units}).Bool()
	if err != nil {
		return false, fmt.Errorf("reserving units of %s: %w", r.Location, err)
	}
	return reserved, nil
}

// Release ends the reservation of an owner, so that others can have its units and its capacity. Where there is none,
// nothing happens.
func (l *Ledger) Release(ctx context.Context, organization, owner string) error {
	k := keys(organization)
	return wrapError("releasing the reservation of "+owner,
		releaseScript.Run(ctx, l.rdb, redisscript.Keys{"reservations": k.reservations(), "reviews": k.reviews()},
			redisscript.Args{"prefix": k.key(""), "owner": owner}).Err())
}

// Commit records that the delivery order of an owner was sent, at a moment of the platform's clock: its units stay
// reserved until a stock level counts them, its capacity until the windows have passed. Only the first call counts; a
// later one, after ReservationKept, ends the reservation.
func (l *Ledger) Commit(ctx context.Context, organization, owner string, at time.Time) error {
	k := keys(organization)
	return wrapError("committing the reservation of "+owner,
		commitScript.Run(ctx, l.rdb, redisscript.Keys{"reservations": k.reservations(), "reviews": k.reviews()},
			redisscript.Args{"prefix": k.key(""), "owner": owner, "sent_ms": at.UnixMilli(), "kept_ms": ReservationKept.Milliseconds()}).Err())
}

// NextFree returns after how long, at most, one more handover may begin at a location; 0: now.
func (l *Ledger) NextFree(ctx context.Context, organization, location string, perHour, perDay int) (time.Duration, error) {
	ms, err := nextFreeScript.Run(ctx, l.rdb, redisscript.Keys{"started": keys(organization).started(location)},
		redisscript.Args{"per_hour": perHour, "per_day": perDay}).Int64()
	if err != nil {
		return 0, fmt.Errorf("reading the capacity of %s: %w", location, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// ListStale returns at most most owners whose reservation has to be checked against the journal, since a crash may
// have left it behind. Each is listed again after reviewAfter until it is released or committed.
func (l *Ledger) ListStale(ctx context.Context, organization string, most int) ([]string, error) {
	owners, err := listStaleScript.Run(ctx, l.rdb, redisscript.Keys{"reviews": keys(organization).reviews()},
		redisscript.Args{"most": most, "again_ms": reviewAfter.Milliseconds()}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("listing reservations: %w", err)
	}
	return owners, nil
}

func wrapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
