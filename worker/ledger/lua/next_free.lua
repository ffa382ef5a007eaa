-- Tells when one more handover may start, in milliseconds from now.
--
-- keys.started   owner > when its handover started at the location (ms)
-- args.per_hour  0 no limit
-- args.per_day   0 no limit
local now = now_ms()
local function wait(window, limit)
  if limit == 0 then return 0 end
  local from = '(' .. (now - window)
  local n = redis.call('ZCOUNT', keys.started, from, '+inf')
  if n < limit then return 0 end
  local last = redis.call('ZRANGEBYSCORE', keys.started, from, '+inf', 'WITHSCORES', 'LIMIT', n - limit, 1)
  return tonumber(last[2]) + window - now
end
return math.max(wait(3600000, tonumber(args.per_hour)), wait(86400000, tonumber(args.per_day)))
