-- Promises units and a place, all or nothing. Answers 1, or 0 where there is no room.
--
-- keys.claims        owner > claim
-- keys.reviews       owner > when its promise is looked at again (ms)
-- keys.began         owner > when its handover began at the location (ms)
-- args.owner
-- args.location
-- args.per_hour      0 no limit
-- args.per_day       0 no limit
-- args.in_stock      '1': figures are asked
-- args.valid_status  of a figure that counts
-- args.oldest_ms     of a figure that is believed
-- args.review_ms     from now
-- args.units         SKU > units
--
-- include dates.lua
-- include claims.lua
local owner, at = args.owner, args.location
local units, same = cjson.decode(args.units), true
local had = claimOf(keys.claims, owner)
if not had or had.at ~= at or had.settled then same = false end
for sku, wanted in pairs(units) do
  if same and had.units[sku] ~= wanted then same = false end
end
if same then
  for sku in pairs(had.units) do if not units[sku] then same = false end end
end
if same then return 1 end

redis.call('ZREMRANGEBYSCORE', keys.began, '-inf', now - 86400000)
local mine = redis.call('ZSCORE', keys.began, owner)
local hour = redis.call('ZCOUNT', keys.began, '(' .. (now - 3600000), '+inf')
local day = redis.call('ZCARD', keys.began)
if mine then
  day = day - 1
  if tonumber(mine) > now - 3600000 then hour = hour - 1 end
end
local perHour, perDay = tonumber(args.per_hour), tonumber(args.per_day)
if perHour > 0 and hour >= perHour or perDay > 0 and day >= perDay then return 0 end
if args.in_stock == '1' then
  for sku, wanted in pairs(units) do
    local s = redis.call('HMGET', keyOf('stock', at, sku), 'counted', 'usable', 'reserved', 'status', 'promised')
    if known(s[1]) and s[2] and s[3] and s[4] and tonumber(s[1]) >= tonumber(args.oldest_ms) then
      local own = had and had.at == at and had.units[sku] or 0
      local left = tonumber(s[2]) - tonumber(s[3]) - tonumber(s[5] or '0') + own
      if s[4] ~= args.valid_status or left < wanted then return 0 end
    end
  end
end

if had then
  giveBack(keys.claims, keys.reviews, owner, had)
  if had.at ~= at then redis.call('ZREM', args.prefix .. 'began:' .. had.at, owner) end
end
for sku, wanted in pairs(units) do redis.call('HINCRBY', keyOf('stock', at, sku), 'promised', wanted) end
redis.call('HSET', keys.claims, owner, cjson.encode({at = at, units = units, since = now}))
redis.call('ZADD', keys.reviews, now + args.review_ms, owner)
redis.call('ZADD', keys.began, 'NX', now, owner)
redis.call('PEXPIRE', keys.began, 86400000)
return 1
