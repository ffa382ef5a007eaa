-- Makes those due that wait longest for a place of the canary, as many as may begin now, and answers how many.
--
-- keys.incident
-- keys.places         records between prepare and send
-- keys.queue          records that wait for a place, the first to go first
-- keys.due            record > when somebody has to look (ms)
-- args.canary         records that may begin before one was sent; 0 no limit
-- args.most           records to wake
-- args.moving_states  of an incident: reassignments may begin
local seen = redis.call('HMGET', keys.incident, 'state', 'proven', 'streak', 'canary_waived')
if not contains(args.moving_states, seen[1]) then return 0 end
local canary, free = tonumber(args.canary), tonumber(args.most)
if canary > 0 and not seen[4] then
  if tonumber(seen[3] or '0') >= canary then return 0 end
  if not seen[2] then free = math.min(free, canary - redis.call('SCARD', keys.places)) end
end
if free <= 0 then return 0 end
local now = now_ms()
local ids = redis.call('ZRANGE', keys.queue, 0, free - 1)
for _, id in ipairs(ids) do
  redis.call('ZADD', keys.due, now, id)
  redis.call('ZREM', keys.queue, id)
end
return #ids
