-- Forgets an incident that is over and has no records.
--
-- keys.incident
-- keys.rows          its records
-- keys.incidents     incident > when it was opened (ms)
-- keys.counts        group > how many of its records
-- keys.groups...     its records by group
-- args.id
-- args.ended_states  of an incident
if not contains(args.ended_states, redis.call('HGET', keys.incident, 'state')) or redis.call('ZCARD', keys.rows) > 0 then return 0 end
redis.call('ZREM', keys.incidents, args.id)
redis.call('DEL', keys.counts)
for _, group in ipairs(keys.groups) do redis.call('DEL', group) end
redis.call('DEL', keys.incident, keys.rows)
return 1
