-- Notes that a worker serves organizations, by Redis's clock.
--
-- keys.served         organization > when a worker said last that it serves it (ms)
-- args.organizations  a list
local now = now_ms()
for _, id in ipairs(cjson.decode(args.organizations)) do redis.call('ZADD', keys.served, now, id) end
return 1
