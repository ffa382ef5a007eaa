-- Lists promises to look at, and has them come again.
--
-- keys.reviews   owner > when its promise is looked at again (ms)
-- args.most
-- args.again_ms  from now
local now = now_ms()
local owners = redis.call('ZRANGEBYSCORE', keys.reviews, '-inf', now, 'LIMIT', 0, args.most)
for _, owner in ipairs(owners) do redis.call('ZADD', keys.reviews, now + args.again_ms, owner) end
return owners
