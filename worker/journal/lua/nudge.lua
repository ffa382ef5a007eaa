-- Marks the record that watches a delivery order, so that whoever works at it goes round once more instead of waiting; one
-- that is over is only named. Answers the record; '' none.
--
-- keys.watch           delivery order > record
-- keys.nudged          records at work for which an event came
-- args.delivery_order
-- args.record_prefix   what the keys of records begin with
-- args.ended_states    of a record
local id = redis.call('HGET', keys.watch, args.delivery_order)
if not id then return '' end
local state = redis.call('HGET', args.record_prefix .. id, 'state')
if not state then return '' end
if not contains(args.ended_states, state) then redis.call('SADD', keys.nudged, id) end
return id
