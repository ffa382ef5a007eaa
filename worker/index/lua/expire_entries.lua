-- Forgets entries that are not in flight and are old, and answers how many. One that an earlier release dated in the future
-- is as old as it is found.
--
-- keys.meta
-- keys.entries...
-- args.before_ms
--
-- include dates.lua
local n = 0
for _, entry in ipairs(keys.entries) do
  local date, flight = unpack(redis.call('HMGET', entry, 'date', 'flight'))
  if date and not known(date) then
    redis.call('HSET', entry, 'date', now)
  elseif date and not flight and tonumber(date) < tonumber(args.before_ms) then
    n = n + redis.call('DEL', entry)
  end
end
if n > 0 then redis.call('HINCRBY', keys.meta, 'known', -n) end
return n
