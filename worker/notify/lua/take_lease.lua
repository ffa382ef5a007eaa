-- Takes or renews the lease of the process that sends alerts. Answers 0 if another has it.
--
-- keys.lease
-- args.me
-- args.ms     how long the lease is
local owner = redis.call('GET', keys.lease)
if owner and owner ~= args.me then return 0 end
redis.call('SET', keys.lease, args.me, 'PX', args.ms)
return 1
