-- The compare-and-set of an incident that says that rows of a frozen plan may move, and notes which of them
-- copy_approved.lua has to copy. Whoever approved looked before at each row; here it is asked once more whether they are
-- all there, before anything is written, and they are kept for as long as a new plan is.
--
-- keys.incident
-- keys.approved          delivery order > row of an approved plan
-- keys.plan              delivery order > row of this plan
-- keys.planned           its delivery orders in the order of the walk
-- args.expected_version
-- args.body
-- args.state
-- args.to                rows that the plan must have
-- args.approving         the rows to copy; '' none
-- args.kept_ms           how long the plan is kept
--
-- Answers {1, version}, {0, version} where the version differs, {-1} if the rows are not there any more, {-2} while rows of
-- an earlier approval are still to be copied.
local version = redis.call('HGET', keys.incident, 'version')
if not version or version ~= args.expected_version then return {0, tonumber(version or '0')} end
if redis.call('HEXISTS', keys.incident, 'approving') == 1 then return {-2} end
if args.approving ~= '' then
  if redis.call('LLEN', keys.planned) < tonumber(args.to) or redis.call('EXISTS', keys.plan) == 0 then return {-1} end
  redis.call('HSET', keys.incident, 'approving', args.approving)
  redis.call('PEXPIRE', keys.plan, args.kept_ms)
  redis.call('PEXPIRE', keys.planned, args.kept_ms)
end
redis.call('HSET', keys.approved, '', '{}')
redis.call('HSET', keys.incident, 'version', version + 1, 'state', args.state, 'body', args.body)
return {1, version + 1}
