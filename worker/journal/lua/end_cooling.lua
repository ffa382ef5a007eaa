-- Ends the cooldown of a location if an incident left it: a later one that is closed there leaves its own.
--
-- keys.cooling   location > when its last incident was closed, and which
-- args.location
-- args.incident
local last = redis.call('HGET', keys.cooling, args.location)
if not last or string.match(last, '^%S+ (.*)$') ~= args.incident then return 0 end
return redis.call('HDEL', keys.cooling, args.location)
