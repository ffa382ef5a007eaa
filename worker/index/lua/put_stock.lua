-- Stores a figure unless something newer is known, and ends the promises that it counts.
--
-- keys.stock       the figure
-- keys.settled     owner > when its delivery order was sent (ms)
-- keys.claims      owner > claim
-- keys.seen
-- keys.meta
-- args.date_ms
-- args.usable      '' not told
-- args.reserved    '' not told
-- args.status      '' not told
-- args.sku
-- args.seen_ttl_s  '' no message
--
-- Answers 1 stored, 0 older, -1 the message was taken before; then by how many ms its date was in the future.
--
-- include dates.lua
-- include seen.lua
-- include claims.lua
if args.seen_ttl_s ~= '' and redis.call('EXISTS', keys.seen) == 1 then return {-1} end
local stored = 0
local date, arrival, future = dated(args.date_ms)
local before, guessed = unpack(redis.call('HMGET', keys.stock, 'date', 'guessed'))
local news, counts = newer(date, arrival, before, guessed)
if news then
  stored = 1
  redis.call('HSET', keys.stock, 'date', counts)
  guess(keys.stock, arrival, guessed)
  if args.usable ~= '' then redis.call('HSET', keys.stock, 'usable', args.usable) end
  if args.reserved ~= '' then redis.call('HSET', keys.stock, 'reserved', args.reserved) end
  if args.status ~= '' then redis.call('HSET', keys.stock, 'status', args.status) end
  if args.usable ~= '' and args.reserved ~= '' then
    redis.call('HSET', keys.stock, 'counted', counts, 'came', now)
    for _, owner in ipairs(redis.call('ZRANGEBYSCORE', keys.settled, '-inf', date)) do
      local claim = claimOf(keys.claims, owner)
      if claim and claim.units[args.sku] then
        unpromise(keys.stock, claim.units[args.sku])
        claim.units[args.sku] = nil
        redis.call('HSET', keys.claims, owner, cjson.encode(claim))
      end
      redis.call('ZREM', keys.settled, owner)
    end
  end
end
if args.seen_ttl_s ~= '' then see(keys.seen, keys.meta, date, arrival, args.seen_ttl_s) end
return {stored, future}
