-- Ends a pause if it is still the one that was read, and remembers it.
--
-- keys.pause     scope > pause
-- keys.paused    pauses that are over
-- args.scope
-- args.standing  the pause as it was read
-- args.over      the pause with its end
-- args.most      pauses that are remembered
if redis.call('HGET', keys.pause, args.scope) ~= args.standing then return 0 end
redis.call('HDEL', keys.pause, args.scope)
redis.call('RPUSH', keys.paused, args.over)
redis.call('LTRIM', keys.paused, -tonumber(args.most), -1)
return 1
