package index

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
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
	inStock := ""
	if c.InStock {
		inStock = "1"
	}
	arguments := []any{k.key(""), c.Owner, c.Location, c.PerHour, c.PerDay, inStock, at.Add(-StockFresh).UnixMilli(), reviewAfter.Milliseconds()}
	for sku, units := range c.Units {
		arguments = append(arguments, sku, units)
	}
	took, err := reserveScript.Run(ctx, x.rdb, []string{k.reservations(), k.reviews(), k.starts(c.Location)}, arguments...).Bool()
	if err != nil {
		return false, fmt.Errorf("promising units of %s: %w", c.Location, err)
	}
	return took, nil
}

// Release ends the promise of an owner: its units and its place are free again.
func (x *Index) Release(ctx context.Context, organization, owner string) error {
	k := keys(organization)
	return wrapError("releasing the reservation of "+owner,
		releaseScript.Run(ctx, x.rdb, []string{k.reservations(), k.reviews()}, k.key(""), owner).Err())
}

// Commit tells that the delivery order of an owner was sent, at a moment of the platform's clock: its units stay
// promised until a figure counts them, its place until the windows pass. The first time counts; told again
// after ReservationKept it ends the promise.
func (x *Index) Commit(ctx context.Context, organization, owner string, at time.Time) error {
	k := keys(organization)
	return wrapError("committing the reservation of "+owner,
		commitScript.Run(ctx, x.rdb, []string{k.reservations(), k.reviews()}, k.key(""), owner, at.UnixMilli(), ReservationKept.Milliseconds()).Err())
}

// NextFree returns how long it takes, at most, until one more handover may begin at a location; 0: at once.
func (x *Index) NextFree(ctx context.Context, organization, location string, perHour, perDay int) (time.Duration, error) {
	ms, err := nextFreeScript.Run(ctx, x.rdb, []string{keys(organization).starts(location)}, perHour, perDay).Int64()
	if err != nil {
		return 0, fmt.Errorf("reading the capacity of %s: %w", location, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// ListStale returns owners, at most most, whose promise has to be held against the journal: what a crash left
// behind ends there. Each comes again after a while, unless it was given back or settled.
func (x *Index) ListStale(ctx context.Context, organization string, most int) ([]string, error) {
	owners, err := listStaleScript.Run(ctx, x.rdb, []string{keys(organization).reviews()}, most, reviewAfter.Milliseconds()).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("listing promises: %w", err)
	}
	return owners, nil
}

// reserveScript promises units and a place.
//
//	KEYS claims reviews began(of the location)
//	ARGV prefix owner location per_hour(0 none) per_day(0 none) in_stock('1': figures are asked) oldest_ms review_ms (sku units)...
//
// It answers 1, or 0 where there is no room.
var reserveScript = redis.NewScript(dateWords + ledgerWords + `
local prefix, owner, at = ARGV[1], ARGV[2], ARGV[3]
local units, same = {}, true
local had = claimOf(KEYS[1], owner)
if not had or had.at ~= at or had.settled then same = false end
for i = 9, #ARGV, 2 do
  units[ARGV[i]] = tonumber(ARGV[i + 1])
  if same and had.units[ARGV[i]] ~= units[ARGV[i]] then same = false end
end
if same then
  for sku in pairs(had.units) do if not units[sku] then same = false end end
end
if same then return 1 end

redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 86400000)
local mine = redis.call('ZSCORE', KEYS[3], owner)
local hour = redis.call('ZCOUNT', KEYS[3], '(' .. (now - 3600000), '+inf')
local day = redis.call('ZCARD', KEYS[3])
if mine then
  day = day - 1
  if tonumber(mine) > now - 3600000 then hour = hour - 1 end
end
local perHour, perDay = tonumber(ARGV[4]), tonumber(ARGV[5])
if perHour > 0 and hour >= perHour or perDay > 0 and day >= perDay then return 0 end
if ARGV[6] == '1' then
  for sku, wanted in pairs(units) do
    local s = redis.call('HMGET', keyOf(prefix, 'stock', at, sku), 'counted', 'usable', 'reserved', 'status', 'promised')
    if known(s[1]) and s[2] and s[3] and s[4] and tonumber(s[1]) >= tonumber(ARGV[7]) then
      local own = had and had.at == at and had.units[sku] or 0
      local left = tonumber(s[2]) - tonumber(s[3]) - tonumber(s[5] or '0') + own
      if s[4] ~= 'VALID' or left < wanted then return 0 end
    end
  end
end

if had then
  giveBack(prefix, KEYS[1], KEYS[2], owner, had)
  if had.at ~= at then redis.call('ZREM', prefix .. 'began:' .. had.at, owner) end
end
for sku, wanted in pairs(units) do redis.call('HINCRBY', keyOf(prefix, 'stock', at, sku), 'promised', wanted) end
redis.call('HSET', KEYS[1], owner, cjson.encode({at = at, units = units, since = now}))
redis.call('ZADD', KEYS[2], now + ARGV[8], owner)
redis.call('ZADD', KEYS[3], 'NX', now, owner)
redis.call('PEXPIRE', KEYS[3], 86400000)
return 1
`)

// releaseScript ends a promise. KEYS claims reviews; ARGV prefix owner.
var releaseScript = redis.NewScript(ledgerWords + `
local claim = claimOf(KEYS[1], ARGV[2])
if not claim then return 0 end
giveBack(ARGV[1], KEYS[1], KEYS[2], ARGV[2], claim)
redis.call('ZREM', ARGV[1] .. 'began:' .. claim.at, ARGV[2])
return 1
`)

// commitScript marks a promise as one whose delivery order was sent, or ends one that was settled long ago. Figures are held
// against the date of the sending, which is the platform's; the end is a matter of Redis's clock.
// KEYS claims reviews; ARGV prefix owner settled_ms kept_ms.
var commitScript = redis.NewScript(dateWords + ledgerWords + `
local claim = claimOf(KEYS[1], ARGV[2])
if not claim then return 0 end
local ends = claim.settled and (claim.ends or claim.settled + ARGV[4])
if ends and ends <= now then
  giveBack(ARGV[1], KEYS[1], KEYS[2], ARGV[2], claim)
  return 1
end
if not ends then
  claim.settled = dated(ARGV[3])
  ends = math.max(now, claim.settled) + ARGV[4]
  claim.ends = ends
  for sku in pairs(claim.units) do redis.call('ZADD', keyOf(ARGV[1], 'settled', claim.at, sku), claim.settled, ARGV[2]) end
  redis.call('HSET', KEYS[1], ARGV[2], cjson.encode(claim))
end
redis.call('ZADD', KEYS[2], ends, ARGV[2])
return 1
`)

// nextFreeScript tells when there is room again, in milliseconds. KEYS began; ARGV per_hour(0 none) per_day(0 none).
var nextFreeScript = redis.NewScript(redisNow + `
local function wait(window, limit)
  if limit == 0 then return 0 end
  local from = '(' .. (now - window)
  local n = redis.call('ZCOUNT', KEYS[1], from, '+inf')
  if n < limit then return 0 end
  local last = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', n - limit, 1)
  return tonumber(last[2]) + window - now
end
return math.max(wait(3600000, tonumber(ARGV[1])), wait(86400000, tonumber(ARGV[2])))
`)

// listStaleScript lists promises to look at, and has them come again. KEYS reviews; ARGV most again_ms.
var listStaleScript = redis.NewScript(redisNow + `
local owners = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, owner in ipairs(owners) do redis.call('ZADD', KEYS[1], now + ARGV[2], owner) end
return owners
`)
