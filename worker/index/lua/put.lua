-- Stores an entry if it is not older than what is there, and notes the message as seen in the same step, so that the effect
-- is never missing behind a seen message. One that was completed is stored only over what completed it: else what came in
-- between would be taken back. Of what only webhooks tell, the newer word on each thing is kept. The order number, which
-- webhooks need not name, has a field of its own; an entry without that field is of an earlier release and has the number
-- in its body. What was cancelled is listed by its arrival: a wrong date would hide it, or wipe the list.
--
-- keys.entry
-- keys.disputed         delivery orders that have to be read, by when that was noticed
-- keys.meta
-- keys.seen
-- keys.flight           in flight at the location
-- keys.ended            cancelled while in flight at the location
-- keys.places           location > what is known of it
-- args.date_ms          '' none
-- args.body
-- args.told             '' nothing
-- args.shape            thin, whole or completed
-- args.cancel_rejected  '1': it was announced
-- args.member           '' not in flight
-- args.seen_ttl_s       '' no message
-- args.ended            the delivery order; '' not cancelled
-- args.ended_kept_ms
-- args.location         '' none
-- args.place            what is known of the location, if nothing is
-- args.number           '' not told
-- args.known            the body that completed it
-- args.id               the delivery order
-- args.road             '' a read of ours
-- args.apart_ms         between two roads: how near two dates are for their order to be uncertain
-- args.disputed_most
--
-- Answers a word (../scripts.go); where it is not one of the last two, then by how many ms the date was in the future.
--
-- include dates.lua
-- include arrived.lua
-- include seen.lua
if args.seen_ttl_s ~= '' and redis.call('EXISTS', keys.seen) == 1 then
  put_back(keys.seen, keys.entry, {arrived = 'date', told_arrived = 'told_date'})
  return {-1}
end
local before, guessed, flight, member, told, told_date, number, arrived, told_arrived, road =
  unpack(redis.call('HMGET', keys.entry, 'date', 'guessed', 'flight', 'member', 'told', 'told_date', 'number', 'arrived', 'told_arrived', 'road'))
if before and (args.shape == 'thin' or args.shape == 'whole' and args.number == '' and not number) then
  return {-2, redis.call('HGET', keys.entry, 'body'), told or ''}
end
if args.shape == 'completed' then
  local known = redis.call('HGET', keys.entry, 'body')
  if (known or '') ~= args.known then return {-2, known, told or ''} end
end
local stored = 0
local date, arrival, future = dated(args.date_ms)
local news, counts = newer(date, arrival, before, guessed, arrived)
if before and road and road ~= '' and args.road ~= '' and road ~= args.road and math.abs(date - before) <= tonumber(args.apart_ms)
  and redis.call('HGET', keys.entry, 'body') ~= args.body and redis.call('ZCARD', keys.disputed) < tonumber(args.disputed_most) then
  redis.call('ZADD', keys.disputed, 'NX', now, args.id)
end
if news then
  stored = 1
  local moved = flight ~= keys.flight or member ~= args.member
  if member and moved then redis.call('ZREM', flight, member) end
  redis.call('HSET', keys.entry, 'date', counts, 'body', args.body, 'arrived', came)
  if args.road ~= (road or '') then redis.call('HSET', keys.entry, 'road', args.road) end
  guess(keys.entry, arrival, guessed)
  if args.number ~= '' and args.number ~= number or not number then redis.call('HSET', keys.entry, 'number', args.number) end
  if args.member ~= '' then
    if moved then
      redis.call('ZADD', keys.flight, 0, args.member)
      redis.call('HSET', keys.entry, 'flight', keys.flight, 'member', args.member)
    end
  elseif member then
    redis.call('HDEL', keys.entry, 'flight', 'member')
    if args.ended ~= '' then
      redis.call('ZADD', keys.ended, came, args.ended)
      redis.call('ZREMRANGEBYSCORE', keys.ended, '-inf', now - args.ended_kept_ms)
      redis.call('PEXPIRE', keys.ended, args.ended_kept_ms)
    end
  end
  if not before then
    redis.call('HINCRBY', keys.meta, 'known', 1)
    redis.call('HSET', keys.entry, 'since', came)
  end
end
if args.told ~= '' then
  local last, at = newer(date, arrival, told_date, guessed, told_arrived)
  local text = args.told
  if told and told ~= text then
    local readable, was = pcall(cjson.decode, told)
    if readable and type(was) == 'table' then
      local is = cjson.decode(text)
      local over, under = is, was
      if not last then over, under = was, is end
      for thing, word in pairs(under) do
        if over[thing] == nil then over[thing] = word end
      end
      text = cjson.encode(over)
    end
  end
  if told ~= text then redis.call('HSET', keys.entry, 'told', text) end
  if last then redis.call('HSET', keys.entry, 'told_date', at, 'told_arrived', came) end
end
if args.cancel_rejected == '1' then
  local last, at = newer(date, arrival, redis.call('HGET', keys.entry, 'cancel_rejected'))
  if last then redis.call('HSET', keys.entry, 'cancel_rejected', at) end
end
if args.location ~= '' then redis.call('HSETNX', keys.places, args.location, args.place) end
if args.seen_ttl_s ~= '' then
  see(keys.seen, keys.meta, date, arrival, args.seen_ttl_s)
end
return {stored, future}
