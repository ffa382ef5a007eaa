-- Ends a promise.
--
-- keys.claims   owner > claim
-- keys.reviews  owner > when its promise is looked at again (ms)
-- args.owner
--
-- include claims.lua
local claim = claimOf(keys.claims, args.owner)
if not claim then return 0 end
giveBack(keys.claims, keys.reviews, args.owner, claim)
redis.call('ZREM', args.prefix .. 'began:' .. claim.at, args.owner)
return 1
