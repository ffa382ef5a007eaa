-- Forgets the rows of a plan, unless an approval of them is still to be copied: then they end by their time.
--
-- keys.incident
-- keys.plan      delivery order > row of this plan
-- keys.planned   its delivery orders in the order of the walk
-- args.plan      its key
local approving = redis.call('HGET', keys.incident, 'approving')
if approving and string.match(approving, '^%S+') == args.plan then return 0 end
return redis.call('DEL', keys.plan, keys.planned)
