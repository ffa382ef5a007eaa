package index

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Stock is what one message says of one SKU at one location. A field that it does not say is empty or nil,
// and erases nothing.
type Stock struct {
	Location, SKU    string
	Status           string
	Usable, Reserved *int // units
	Date             time.Time
}

// statusValid is the one status that counts (documented).
const statusValid = "VALID"

// StockFresh is how long a figure is believed. The platform tells one when it changes (documented), so one
// that did not change for days is good; but a message may have been lost.
const StockFresh = 7 * 24 * time.Hour

// PutStock stores what a webhook says of a SKU at a location, unless something newer is known; of equal
// dates the later arrival wins. Units promised to handovers whose delivery order was sent when the message was
// written are not promised any more: the figure counts them. The error wraps ErrRepeated where the message was taken
// before; then nothing is stored. It takes one round trip to Redis.
func (x *Index) PutStock(ctx context.Context, organization string, s Stock, message string) error {
	k := keys(organization)
	ttl := ""
	if message != "" {
		ttl = seenSeconds
	}
	answer, err := putStock.Run(ctx, x.rdb,
		[]string{k.stock(s.Location, s.SKU), k.committed(s.Location, s.SKU), k.reservations(), k.seen(message), k.meta()},
		dateText(s.Date), encodeUnits(s.Usable), encodeUnits(s.Reserved), s.Status, s.SKU, ttl).Slice()
	if err != nil {
		return fmt.Errorf("indexing stock of %s at %s: %w", s.SKU, s.Location, err)
	}
	if answer[0] == putRepeated {
		return ErrRepeated
	}
	x.reportFuture(organization, answer[1])
	return nil
}

// encodeUnits is a number of units as the scripts want it. Some systems write what is reserved as a negative number, or show one
// after a correction: nothing is less than none, and what is not there adds nothing to what is.
func encodeUnits(units *int) string {
	if units == nil {
		return ""
	}
	return strconv.Itoa(max(0, *units))
}

// Availability is what a location has left for one handover, and how many began there.
type Availability struct {
	Stock                   map[string]StockLevel // of the SKUs that were asked for and ever told
	StartedHour, StartedDay int                   // handovers that began in the last hour and in the last 24 hours
}

// StockLevel is what is known of one SKU.
type StockLevel struct {
	Available int  // units that nobody else was promised
	Known     bool // else the figure is incomplete, or too old to be believed
	ToldAt    time.Time
}

// Query is the question what a location has for one handover.
type Query struct {
	Location, Owner string
	SKUs            []string
	Prepared        bool // a delivery order was prepared there for the owner: a figure told since may count it
	At              time.Time
}

// Availability returns what a location has left for a handover, besides what that handover was promised there
// itself.
func (x *Index) Availability(ctx context.Context, organization string, q Query) (Availability, error) {
	k := keys(organization)
	arguments := []any{k.key(""), q.Location, q.Owner}
	for _, sku := range q.SKUs {
		arguments = append(arguments, sku)
	}
	rows, err := availabilityScript.Run(ctx, x.rdb, []string{k.reservations(), k.starts(q.Location)}, arguments...).Slice()
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

// decodeStockLevel reads one SKU of the script's answer: date of the figure, usable, reserved, status, promised to
// others, promised to the owner, whether it came since then. ever is false where no figure was ever told.
func decodeStockLevel(row []any, q Query) (f StockLevel, ever bool) {
	if len(row) < 7 || decodeText(row[0]) == "" {
		return StockLevel{}, false
	}
	f.ToldAt = decodeMillis(row[0])
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

// ledgerWords are what the scripts of stock and promises have in common. prefix begins every key of the
// organization. A claim is {at: location, units: {sku: n}, since: ms}; once it was sent also settled: ms, by the
// platform's clock, and ends: ms.
const ledgerWords = `
local function keyOf(prefix, what, at, sku) return prefix .. what .. ':' .. at .. '|' .. sku end
local function claimOf(claims, owner)
  local text = redis.call('HGET', claims, owner)
  if text then return cjson.decode(text) end
end
local function unpromise(key, units)
  if redis.call('HINCRBY', key, 'promised', -units) <= 0 then redis.call('HDEL', key, 'promised') end
end
local function giveBack(prefix, claims, reviews, owner, claim)
  for sku, units in pairs(claim.units) do
    unpromise(keyOf(prefix, 'stock', claim.at, sku), units)
    redis.call('ZREM', keyOf(prefix, 'settled', claim.at, sku), owner)
  end
  redis.call('HDEL', claims, owner)
  redis.call('ZREM', reviews, owner)
end
`

// putStock stores a figure unless something newer is known, and ends the promises that it counts.
//
//	KEYS stock settled claims seen meta
//	ARGV date_ms usable('' not told) reserved('' not told) status('' not told) sku seen_ttl_s('' no message)
//
// It answers 1 stored, 0 older, -1 the message was taken before; then by how many ms its date was in the future.
var putStock = redis.NewScript(noteSeen + ledgerWords + `
if ARGV[6] ~= '' and redis.call('EXISTS', KEYS[4]) == 1 then return {-1} end
local stored = 0
local date, arrival, future = dated(ARGV[1])
local before, guessed = unpack(redis.call('HMGET', KEYS[1], 'date', 'guessed'))
local news, counts = newer(date, arrival, before, guessed)
if news then
  stored = 1
  redis.call('HSET', KEYS[1], 'date', counts)
  guess(KEYS[1], arrival, guessed)
  if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'usable', ARGV[2]) end
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'reserved', ARGV[3]) end
  if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'status', ARGV[4]) end
  if ARGV[2] ~= '' and ARGV[3] ~= '' then
    redis.call('HSET', KEYS[1], 'counted', counts, 'came', now)
    for _, owner in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', date)) do
      local claim = claimOf(KEYS[3], owner)
      if claim and claim.units[ARGV[5]] then
        unpromise(KEYS[1], claim.units[ARGV[5]])
        claim.units[ARGV[5]] = nil
        redis.call('HSET', KEYS[3], owner, cjson.encode(claim))
      end
      redis.call('ZREM', KEYS[2], owner)
    end
  end
end
if ARGV[6] ~= '' then see(KEYS[4], KEYS[5], date, arrival, ARGV[6]) end
return {stored, future}
`)

// availabilityScript reads what a location has. KEYS claims began; ARGV prefix location owner sku...
//
// It answers the handovers that began in an hour and in a day besides the owner's, then for each SKU counted_ms,
// usable, reserved, status, promised to others, promised to the owner, '1' if the figure came since then.
var availabilityScript = redis.NewScript(dateWords + ledgerWords + `
local own, since = {}, nil
local claim = claimOf(KEYS[1], ARGV[3])
if claim and claim.at == ARGV[2] then own, since = claim.units, claim.since end
local hour = redis.call('ZCOUNT', KEYS[2], '(' .. (now - 3600000), '+inf')
local day = redis.call('ZCOUNT', KEYS[2], '(' .. (now - 86400000), '+inf')
local mine = redis.call('ZSCORE', KEYS[2], ARGV[3])
if mine and tonumber(mine) > now - 3600000 then hour = hour - 1 end
if mine and tonumber(mine) > now - 86400000 then day = day - 1 end
local answer = {hour, day}
for i = 4, #ARGV do
  local s = redis.call('HMGET', keyOf(ARGV[1], 'stock', ARGV[2], ARGV[i]), 'counted', 'usable', 'reserved', 'status', 'promised', 'came')
  local mine = own[ARGV[i]] or 0
  local after = since and tonumber(s[6] or s[1] or '0') >= since and '1' or ''
  answer[#answer + 1] = {known(s[1]) and s[1] or '', s[2] or '', s[3] or '', s[4] or '', tonumber(s[5] or '0') - mine, mine, after}
end
return answer
`)
