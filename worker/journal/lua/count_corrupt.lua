-- Counts a record that cannot be read among those that need a person, whatever it counted as, unless it was written anew
-- since it was read. Its version is made one that an operator's leave can be written over.
--
-- keys.record
-- keys.rows          of the incident
-- keys.counts        of the incident: group > how many records
-- args.id            of the record
-- args.version       as read; '' none
-- args.body          as read; '' none
-- args.group_prefix  what the keys of groups begin with
-- args.state         that it counts as
-- args.reason        group by reason that it counts in
-- args.severities    a list of all
-- args.severity      that it has
-- args.severity_prefix  what the keys of the severities begin with
local is = redis.call('HMGET', keys.record, 'version', 'body')
if (is[1] or '') ~= args.version or (is[2] or '') ~= args.body then return 0 end
if not redis.call('ZSCORE', keys.rows, args.id) then return 0 end
for _, group in ipairs(redis.call('HKEYS', keys.counts)) do
  if redis.call('ZREM', args.group_prefix .. group, args.id) == 1 then redis.call('HINCRBY', keys.counts, group, -1) end
end
for _, group in ipairs({args.state, args.reason}) do
  redis.call('HINCRBY', keys.counts, group, 1)
  redis.call('ZADD', args.group_prefix .. group, 0, args.id)
end
for _, severity in ipairs(cjson.decode(args.severities)) do redis.call('ZREM', args.severity_prefix .. severity, args.id) end
redis.call('ZADD', args.severity_prefix .. args.severity, 0, args.id)
redis.call('HSET', keys.record, 'state', args.state, 'reason', args.reason, 'target', '', 'severity', args.severity)
if not string.match(args.version, '^%d+$') then redis.call('HSET', keys.record, 'version', 0) end
return 1
