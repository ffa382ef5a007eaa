-- Makes an incident unless the location has an open one. Answers the one that is open.
--
-- keys.incident
-- keys.failing    location > its open incident
-- keys.incidents  incident > when it was opened (ms)
-- args.id
-- args.location
-- args.body
-- args.state
-- args.opened_ms
local there = redis.call('HGET', keys.failing, args.location)
if there then return there end
redis.call('HSET', keys.incident, 'version', 1, 'state', args.state, 'body', args.body)
redis.call('HSET', keys.failing, args.location, args.id)
redis.call('ZADD', keys.incidents, args.opened_ms, args.id)
return args.id
