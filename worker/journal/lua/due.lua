-- Lists records whose time has come, by Redis's clock.
--
-- keys.due   record > when somebody has to look (ms)
-- args.most
return redis.call('ZRANGEBYSCORE', keys.due, '-inf', now_ms(), 'LIMIT', 0, args.most)
