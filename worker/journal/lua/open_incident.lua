-- Makes an incident unless the location has an open one. Answers the one that is open, or '' where another incident has
-- the id.
--
-- keys.incident
-- keys.failing    location > its open incident
-- keys.incidents  incident > when it was opened (ms)
-- keys.approved   delivery order > row of an approved plan
-- args.id
-- args.location
-- args.body
-- args.state
-- args.opened_ms
-- args.by_plan    '1': nothing moves that no approved plan names
local there = redis.call('HGET', keys.failing, args.location)
if there then return there end
if redis.call('EXISTS', keys.incident) == 1 then return '' end
if args.by_plan == '1' then redis.call('HSET', keys.approved, '', '{}') end
redis.call('HSET', keys.incident, 'version', 1, 'state', args.state, 'body', args.body)
redis.call('HSET', keys.failing, args.location, args.id)
redis.call('ZADD', keys.incidents, args.opened_ms, args.id)
return args.id
