-- Forgets one record, unless it is not over or its lineage is not.
--
-- keys.record
-- keys.rows             of the incident
-- keys.open             root > record that owns the lineage
-- keys.lineage          delivery order > root
-- keys.watch            delivery order > record
-- keys.due              record > when somebody has to look (ms)
-- keys.nudged           records at work for which an event came
-- keys.locks            parent order > owner and end of its lease (ms)
-- keys.names...         what the record may be found by
-- args.id               of the record
-- args.root
-- args.delivery_orders  a list: those that it watches or watched
-- args.orders           a list: those that it may have locked
-- args.ended_states     of a record
local state = redis.call('HGET', keys.record, 'state')
if state and not contains(args.ended_states, state) then return 0 end
if redis.call('HEXISTS', keys.open, args.root) == 1 then return 0 end
for _, id in ipairs(cjson.decode(args.delivery_orders)) do
  if redis.call('HGET', keys.watch, id) == args.id then
    redis.call('HDEL', keys.watch, id)
    redis.call('HDEL', keys.lineage, id)
  end
end
redis.call('ZREM', keys.due, args.id)
redis.call('SREM', keys.nudged, args.id)
for _, order in ipairs(cjson.decode(args.orders)) do
  local held = redis.call('HGET', keys.locks, order)
  if held and string.match(held, '^(.*) %d+$') == args.id then redis.call('HDEL', keys.locks, order) end
end
for _, name in ipairs(keys.names) do redis.call('SREM', name, args.id) end
redis.call('DEL', keys.record)
redis.call('ZREM', keys.rows, args.id)
return 1
