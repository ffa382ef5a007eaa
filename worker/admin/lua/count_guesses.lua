-- Adds to each counter of wrong logins, and returns each with the milliseconds until it ends.
--
-- keys.counters...
-- args.by           0: only look
-- args.window_ms    how long a counter counts
local answer = {}
for i, key in ipairs(keys.counters) do
  local n = tonumber(redis.call('GET', key) or '0')
  if args.by ~= '0' then
    n = redis.call('INCRBY', key, args.by)
    if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, args.window_ms) end
  end
  answer[2*i-1] = n
  answer[2*i] = redis.call('PTTL', key)
end
return answer
