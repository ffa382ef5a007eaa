-- Gives the parent order to one owner for a while. Answers 0 if somebody else has it.
--
-- keys.locks  parent order > owner and end of its lease (ms)
-- args.order
-- args.owner
-- args.ms     how long the lease is
local now = now_ms()
local held = redis.call('HGET', keys.locks, args.order)
if held then
  local owner, ends = string.match(held, '^(.*) (%d+)$')
  if owner ~= args.owner and tonumber(ends) > now then return 0 end
end
redis.call('HSET', keys.locks, args.order, args.owner .. ' ' .. string.format('%.0f', now + args.ms))
return 1
