-- Lists reservations to check, and has them listed again later.
--
-- keys.reviews   owner > when its reservation is checked again (ms)
-- args.most
-- args.again_ms  from now
local now = now_ms()
local owners = redis.call('ZRANGEBYSCORE', keys.reviews, '-inf', now, 'LIMIT', 0, args.most)
for _, owner in ipairs(owners) do redis.call('ZADD', keys.reviews, now + args.again_ms, owner) end
return owners
