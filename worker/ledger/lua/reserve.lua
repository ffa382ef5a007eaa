-- Reserves units and the start of a handover, all or nothing. Answers 1, or 0 where there is not enough.
--
-- keys.reservations  owner > reservation
-- keys.reviews       owner > when its reservation is checked again (ms)
-- keys.started       owner > when its handover started at the location (ms)
-- args.owner
-- args.location
-- args.per_hour      0 no limit
-- args.per_day       0 no limit
-- args.in_stock      '1': stock levels are asked
-- args.valid_status  of a level that counts
-- args.oldest_ms     of a level that is believed
-- args.review_ms     from now
-- args.units         SKU > units
--
-- include dates.lua
-- include reservations.lua
local owner, at = args.owner, args.location
local units, same = cjson.decode(args.units), true
local had = reservation_of(keys.reservations, owner)
if not had or had.at ~= at or had.committed then same = false end
for sku, wanted in pairs(units) do
  if same and had.units[sku] ~= wanted then same = false end
end
if same then
  for sku in pairs(had.units) do if not units[sku] then same = false end end
end
if same then return 1 end

redis.call('ZREMRANGEBYSCORE', keys.started, '-inf', now - 86400000)
local mine = redis.call('ZSCORE', keys.started, owner)
local hour = redis.call('ZCOUNT', keys.started, '(' .. (now - 3600000), '+inf')
local day = redis.call('ZCARD', keys.started)
if mine then
  day = day - 1
  if tonumber(mine) > now - 3600000 then hour = hour - 1 end
end
local per_hour, per_day = tonumber(args.per_hour), tonumber(args.per_day)
if per_hour > 0 and hour >= per_hour or per_day > 0 and day >= per_day then return 0 end
if args.in_stock == '1' then
  for sku, wanted in pairs(units) do
    local s = redis.call('HMGET', key_of('stock', at, sku), 'counted', 'usable', 'reserved', 'status', 'reserved_by_us')
    if known(s[1]) and s[2] and s[3] and s[4] and tonumber(s[1]) >= tonumber(args.oldest_ms) then
      local own = had and had.at == at and had.units[sku] or 0
      local left = tonumber(s[2]) - tonumber(s[3]) - tonumber(s[5] or '0') + own
      if s[4] ~= args.valid_status or left < wanted then return 0 end
    end
  end
end

if had then
  free(keys.reservations, keys.reviews, owner, had)
  if had.at ~= at then redis.call('ZREM', args.prefix .. 'started:' .. had.at, owner) end
end
for sku, wanted in pairs(units) do redis.call('HINCRBY', key_of('stock', at, sku), 'reserved_by_us', wanted) end
redis.call('HSET', keys.reservations, owner, cjson.encode({at = at, units = units, since = now}))
redis.call('ZADD', keys.reviews, now + args.review_ms, owner)
redis.call('ZADD', keys.started, 'NX', now, owner)
redis.call('PEXPIRE', keys.started, 86400000)
return 1
