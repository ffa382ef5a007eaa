-- Copies a page of the rows that were approved to the approvals of the incident, and notes what is left. Of a delivery order
-- whose record ended after the plan was made, the plan says nothing any more. Copying a page twice, or by two at once, is
-- harmless.
--
-- keys.incident
-- keys.approved       delivery order > row of an approved plan
-- keys.plan           delivery order > row of this plan
-- keys.planned        its delivery orders in the order of the walk
-- args.approving      the rows to copy, as they were read
-- args.from           first row of the page, from 0
-- args.to             row behind the page
-- args.rest           the rows to copy after it; '' none
-- args.made_ms        when the plan was made
-- args.record_prefix  what the keys of the incident's records begin with
--
-- Answers what is approved and not copied yet; '' nothing.
local approving = redis.call('HGET', keys.incident, 'approving')
if approving ~= args.approving then return approving or '' end
for _, id in ipairs(redis.call('LRANGE', keys.planned, args.from, args.to - 1)) do
  local row = redis.call('HGET', keys.plan, id)
  local ended = redis.call('HGET', args.record_prefix .. id, 'ended')
  if row and (not ended or tonumber(ended) < tonumber(args.made_ms)) then redis.call('HSET', keys.approved, id, row) end
end
if args.rest == '' then
  redis.call('HDEL', keys.incident, 'approving')
else
  redis.call('HSET', keys.incident, 'approving', args.rest)
end
return args.rest
