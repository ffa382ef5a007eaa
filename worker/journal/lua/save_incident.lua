-- The compare-and-set of an incident. One that is over, or does not move by approved plans any more, needs no approvals.
--
-- keys.incident
-- keys.failing           location > its open incident
-- keys.cooling           location > when its last incident was closed, and which
-- keys.approved          delivery order > row of an approved plan
-- args.id
-- args.expected_version
-- args.body
-- args.state
-- args.location
-- args.open              '1'
-- args.by_plan           '1': nothing moves that no approved plan names
-- args.cools_from        what keys.cooling notes; '' its end starts no cooldown
--
-- Answers {1, version}, or {0, version} where the version differs.
local version = redis.call('HGET', keys.incident, 'version')
if not version or version ~= args.expected_version then return {0, tonumber(version or '0')} end
local was = redis.call('HGET', keys.incident, 'state')
redis.call('HSET', keys.incident, 'version', version + 1, 'state', args.state, 'body', args.body)
if args.open == '1' then
  redis.call('HSET', keys.failing, args.location, args.id)
elseif redis.call('HGET', keys.failing, args.location) == args.id then
  redis.call('HDEL', keys.failing, args.location)
end
if args.open ~= '1' or args.by_plan ~= '1' then
  redis.call('DEL', keys.approved)
  redis.call('HDEL', keys.incident, 'approving')
end
if args.cools_from ~= '' and was ~= args.state then redis.call('HSET', keys.cooling, args.location, args.cools_from) end
return {1, version + 1}
