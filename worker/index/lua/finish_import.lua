-- Notes that a whole list was imported.
--
-- keys.meta
-- args.at_ms
--
-- include dates.lua
local at = dated(args.at_ms)
redis.call('HSET', keys.meta, 'imported', at)
redis.call('HSETNX', keys.meta, 'since', at)
return 1
