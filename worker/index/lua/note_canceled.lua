-- Keeps the most CANCELED events that an entry ever showed, and the latest of their dates.
--
-- keys.entry
-- args.number
-- args.last_ms     '' none
-- args.by_webhook  '1'
local number, last = unpack(redis.call('HMGET', keys.entry, 'canceled_number', 'canceled_last'))
if not number or tonumber(number) < tonumber(args.number) then redis.call('HSET', keys.entry, 'canceled_number', args.number) end
if args.last_ms ~= '' and (not last or tonumber(last) < tonumber(args.last_ms)) then
  redis.call('HSET', keys.entry, 'canceled_last', args.last_ms)
end
if args.by_webhook == '1' then redis.call('HSET', keys.entry, 'canceled_told', 1) end
return 1
