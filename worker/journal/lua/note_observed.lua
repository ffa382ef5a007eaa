-- Notes an observation beside an incident, if it still is as it was observed.
--
-- keys.incident
-- args.expected_version
-- args.observed
if redis.call('HGET', keys.incident, 'version') ~= args.expected_version then return 0 end
redis.call('HSET', keys.incident, 'observed', args.observed)
return 1
