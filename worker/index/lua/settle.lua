-- Marks a promise as one whose delivery order was sent, or ends one that was settled long ago. Figures are held against the
-- date of the sending, which is the platform's; the end is a matter of Redis's clock.
--
-- keys.claims      owner > claim
-- keys.reviews     owner > when its promise is looked at again (ms)
-- args.owner
-- args.settled_ms
-- args.kept_ms     from then
--
-- include dates.lua
-- include claims.lua
local claim = claimOf(keys.claims, args.owner)
if not claim then return 0 end
local ends = claim.settled and (claim.ends or claim.settled + args.kept_ms)
if ends and ends <= now then
  giveBack(keys.claims, keys.reviews, args.owner, claim)
  return 1
end
if not ends then
  claim.settled = dated(args.settled_ms)
  ends = math.max(now, claim.settled) + args.kept_ms
  claim.ends = ends
  for sku in pairs(claim.units) do redis.call('ZADD', keyOf('settled', claim.at, sku), claim.settled, args.owner) end
  redis.call('HSET', keys.claims, args.owner, cjson.encode(claim))
end
redis.call('ZADD', keys.reviews, ends, args.owner)
return 1
