-- Frees the parent order if the owner holds it.
--
-- keys.locks  parent order > owner and end of its lease (ms)
-- args.order
-- args.owner
local held = redis.call('HGET', keys.locks, args.order)
if held and string.match(held, '^(.*) %d+$') == args.owner then redis.call('HDEL', keys.locks, args.order) end
return 1
