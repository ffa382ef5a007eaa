-- Reads what a location has.
--
-- keys.claims    owner > claim
-- keys.began     owner > when its handover began at the location (ms)
-- args.location
-- args.owner
-- args.skus      a list
--
-- Answers the handovers that began in an hour and in a day besides the owner's, then for each SKU counted_ms, usable,
-- reserved, status, promised to others, promised to the owner, '1' if the figure came since then.
--
-- include dates.lua
-- include claims.lua
local own, since = {}, nil
local claim = claimOf(keys.claims, args.owner)
if claim and claim.at == args.location then own, since = claim.units, claim.since end
local hour = redis.call('ZCOUNT', keys.began, '(' .. (now - 3600000), '+inf')
local day = redis.call('ZCOUNT', keys.began, '(' .. (now - 86400000), '+inf')
local mine = redis.call('ZSCORE', keys.began, args.owner)
if mine and tonumber(mine) > now - 3600000 then hour = hour - 1 end
if mine and tonumber(mine) > now - 86400000 then day = day - 1 end
local answer = {hour, day}
for _, sku in ipairs(cjson.decode(args.skus)) do
  local s = redis.call('HMGET', keyOf('stock', args.location, sku), 'counted', 'usable', 'reserved', 'status', 'promised', 'came')
  local mine = own[sku] or 0
  local after = since and tonumber(s[6] or s[1] or '0') >= since and '1' or ''
  answer[#answer + 1] = {known(s[1]) and s[1] or '', s[2] or '', s[3] or '', s[4] or '', tonumber(s[5] or '0') - mine, mine, after}
end
return answer
