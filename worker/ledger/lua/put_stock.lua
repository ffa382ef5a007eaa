-- Stores a stock level unless a newer one is stored, and ends the reservations of units that it counts.
--
-- keys.stock         the level, and the units that are reserved by us
-- keys.committed     owner > when its delivery order was sent (ms)
-- keys.reservations  owner > reservation
-- keys.seen
-- keys.meta          of the index
-- args.date_ms       '' none
-- args.usable        '' not told
-- args.reserved      '' not told
-- args.status        '' not told
-- args.sku
-- args.seen_ttl_s    '' no message
--
-- Answers 1 stored, 0 older, -1 the message was processed before; then by how many ms its date was in the future.
--
-- include dates.lua
-- include arrived.lua
-- include seen.lua
-- include reservations.lua
if args.seen_ttl_s ~= '' and redis.call('EXISTS', keys.seen) == 1 then
  put_back(keys.seen, keys.stock, {arrived = 'date'})
  return {-1}
end
local stored = 0
local date, arrival, future = dated(args.date_ms)
local before, guessed, arrived = unpack(redis.call('HMGET', keys.stock, 'date', 'guessed', 'arrived'))
local news, counts = newer(date, arrival, before, guessed, arrived)
if news then
  stored = 1
  redis.call('HSET', keys.stock, 'date', counts, 'arrived', came)
  guess(keys.stock, arrival, guessed)
  if args.usable ~= '' then redis.call('HSET', keys.stock, 'usable', args.usable) end
  if args.reserved ~= '' then redis.call('HSET', keys.stock, 'reserved', args.reserved) end
  if args.status ~= '' then redis.call('HSET', keys.stock, 'status', args.status) end
  if args.usable ~= '' and args.reserved ~= '' then
    redis.call('HSET', keys.stock, 'counted', counts, 'came', came)
    for _, owner in ipairs(redis.call('ZRANGEBYSCORE', keys.committed, '-inf', date)) do
      local reservation = reservation_of(keys.reservations, owner)
      if reservation and reservation.units[args.sku] then
        free_units(keys.stock, reservation.units[args.sku])
        reservation.units[args.sku] = nil
        redis.call('HSET', keys.reservations, owner, cjson.encode(reservation))
      end
      redis.call('ZREM', keys.committed, owner)
    end
  end
end
if args.seen_ttl_s ~= '' then see(keys.seen, keys.meta, date, arrival, args.seen_ttl_s) end
return {stored, future}
