-- Moves a record's due time without touching the record.
--
-- keys.due  record > when somebody has to look (ms)
-- args.id
-- args.ms   from now
if redis.call('ZSCORE', keys.due, args.id) then redis.call('ZADD', keys.due, now_ms() + args.ms, args.id) end
return 1
