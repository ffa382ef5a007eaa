-- Reads what a location has.
--
-- keys.reservations  owner > reservation
-- keys.started       owner > when its handover started at the location (ms)
-- args.location
-- args.owner
-- args.skus          a list
--
-- Answers the handovers that started in an hour and in a day besides the owner's, then for each SKU counted_ms, usable,
-- reserved, status, reserved by us for others, reserved for the owner, '1' if the level came since then.
--
-- include dates.lua
-- include reservations.lua
local own, since = {}, nil
local reservation = reservation_of(keys.reservations, args.owner)
if reservation and reservation.at == args.location then own, since = reservation.units, reservation.since end
local hour = redis.call('ZCOUNT', keys.started, '(' .. (now - 3600000), '+inf')
local day = redis.call('ZCOUNT', keys.started, '(' .. (now - 86400000), '+inf')
local mine = redis.call('ZSCORE', keys.started, args.owner)
if mine and tonumber(mine) > now - 3600000 then hour = hour - 1 end
if mine and tonumber(mine) > now - 86400000 then day = day - 1 end
local answer = {hour, day}
for _, sku in ipairs(cjson.decode(args.skus)) do
  local s = redis.call('HMGET', key_of('stock', args.location, sku), 'counted', 'usable', 'reserved', 'status', 'reserved_by_us', 'came')
  local mine = own[sku] or 0
  local after = since and tonumber(s[6] or s[1] or '0') >= since and '1' or ''
  answer[#answer + 1] = {known(s[1]) and s[1] or '', s[2] or '', s[3] or '', s[4] or '', tonumber(s[5] or '0') - mine, mine, after}
end
return answer
