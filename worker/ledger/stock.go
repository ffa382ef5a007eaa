package ledger

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// Stock is what one message says of one SKU at one location. A field that the message lacks is empty or nil, and
// erases nothing.
type Stock struct {
	Location, SKU    string
	Status           string
	Usable, Reserved *int // units; nil: the message does not say
	Date             time.Time
}

// statusValid is the one status whose stock level counts (documented).
const statusValid = "VALID"

// StockFresh is how long a stock level is believed. The platform sends one when it changes (documented), so one that
// is some days old may be right; but a message may have been lost.
const StockFresh = 7 * 24 * time.Hour

// PutStock stores what a webhook says of a SKU at a location, unless something newer is stored; of equal dates the
// later arrival wins. It ends the reservations of units whose delivery order was sent before the message was written,
// since its numbers count them. The error wraps index.ErrRepeated where the message was processed before; then nothing is
// stored. It takes one round trip to Redis.
func (l *Ledger) PutStock(ctx context.Context, organization string, s Stock, message string) error {
	k := keys(organization)
	return wrapError("storing the stock of "+s.SKU+" at "+s.Location, l.index.StoreOnce(ctx, organization, message, s.Date, putStockScript,
		redisscript.Keys{"stock": k.stock(s.Location, s.SKU), "committed": k.committed(s.Location, s.SKU), "reservations": k.reservations()},
		redisscript.Args{"prefix": k.key(""), "usable": encodeUnits(s.Usable), "reserved": encodeUnits(s.Reserved), "status": s.Status, "sku": s.SKU}))
}

// encodeUnits is a number of units as an argument of a script. Some systems send reserved units as a negative number,
// or a negative number after a correction (assumed): it counts as 0.
func encodeUnits(units *int) string {
	if units == nil {
		return ""
	}
	return strconv.Itoa(max(0, *units))
}

// Availability is what a location has left for one handover.
type Availability struct {
	Stock                   map[string]StockLevel // of those SKUs asked for that any message was about
	StartedHour, StartedDay int                   // handovers begun there in the last hour and in the last 24 hours
}

// StockLevel is the stock of one SKU at a location.
type StockLevel struct {
	Available int  // units that are not reserved for other handovers
	Known     bool // false: the numbers are incomplete, or too old (StockFresh)
	ToldAt    time.Time
}

// Query asks what a location has left for one handover.
type Query struct {
	Location, Owner string
	SKUs            []string
	Prepared        bool // a delivery order was prepared there for the owner: numbers sent since may count it
	At              time.Time
}

// Availability returns what a location has left for a handover; that handover's own reservation there is not
// subtracted.
func (l *Ledger) Availability(ctx context.Context, organization string, q Query) (Availability, error) {
	k := keys(organization)
	rows, err := availabilityScript.Run(ctx, l.rdb, redisscript.Keys{"reservations": k.reservations(), "started": k.started(q.Location)},
		redisscript.Args{"prefix": k.key(""), "location": q.Location, "owner": q.Owner, "skus": q.SKUs}).Slice()
	if err != nil {
		return Availability{}, fmt.Errorf("reading the stock of %s: %w", q.Location, err)
	}
	s := Availability{Stock: map[string]StockLevel{}}
	s.StartedHour, s.StartedDay = decodeNumber(rows[0]), decodeNumber(rows[1])
	for i, sku := range q.SKUs {
		row, _ := rows[2+i].([]any)
		if f, ever := decodeStockLevel(row, q); ever {
			s.Stock[sku] = f
		}
	}
	return s, nil
}

// decodeStockLevel decodes one SKU of the script's answer: date of the level, usable, reserved, status, reserved by us
// for others, reserved for the owner, whether it came since then. ever is false where no message was about the SKU.
func decodeStockLevel(row []any, q Query) (f StockLevel, ever bool) {
	if len(row) < 7 || decodeText(row[0]) == "" {
		return StockLevel{}, false
	}
	f.ToldAt = time.UnixMilli(int64(decodeNumber(row[0]))).UTC()
	if decodeText(row[1]) == "" || decodeText(row[2]) == "" || decodeText(row[3]) == "" || q.At.Sub(f.ToldAt) > StockFresh {
		return f, true
	}
	f.Known = true
	if decodeText(row[3]) != statusValid {
		return f, true
	}
	reserved := decodeNumber(row[2])
	if q.Prepared && decodeText(row[6]) != "" {
		reserved = max(0, reserved-decodeNumber(row[5]))
	}
	f.Available = max(0, decodeNumber(row[1])-reserved-decodeNumber(row[4]))
	return f, true
}

func decodeText(field any) string {
	s, _ := field.(string)
	return s
}

func decodeNumber(field any) int {
	switch v := field.(type) {
	case int64:
		return int(v)
	case string:
		n, err := strconv.Atoi(v)
		if err != nil {
			return 0
		}
		return n
	}
	return 0
}
