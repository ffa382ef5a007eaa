-- The compare-and-set of a record with everything that hangs on it. A record that is over has no approval any more: what
-- was approved was this one go. One that is reopened begins where enroll.lua does, as the owner of its lineage; one that
-- goes on after it was at rest must not take the lineage from another. Where the incident moves by approved plans, what
-- is moving must stand in one, to this target.
--
-- keys.record
-- keys.counts             of the incident: group > how many records
-- keys.open               root > record that owns the lineage
-- keys.lineage            delivery order > root
-- keys.watch              delivery order > record
-- keys.due                record > when somebody has to look (ms)
-- keys.nudged             records at work for which an event came
-- keys.pause              scope > pause
-- keys.incident
-- keys.places             records between prepare and send
-- keys.queue              records that wait for a place
-- keys.approved           delivery order > row of an approved plan
-- keys.left_out           delivery order > how it differs from the approved plan
-- args.id                 of the record
-- args.expected_version
-- args.body
-- args.state
-- args.reason             group by reason; '' none
-- args.target             group by target; '' none
-- args.group_prefix       what the keys of groups begin with
-- args.severity           of a row that waits for an operator; '' of any other
-- args.severity_prefix    what the keys of the severities begin with
-- args.due_in_ms          '' nobody has to look
-- args.delivery_order
-- args.root
-- args.replacement        '' none
-- args.location           guarded by a pause; '' no guard
-- args.target_location    guarded by a pause as the location is; '' none
-- args.moving             '1': the incident must let reassignments move
-- args.approved_target    where an approved plan must send it; any_target: an operator asked for this one
-- args.any_target
-- args.everything         the scope of a pause of all locations
-- args.resting            '1': the record goes to wait or to rest
-- args.reopening          '1': it was over, and its incident has to be open for it
-- args.place              take, hold, drop, or '' as it is
-- args.canary             records that may begin before one was sent; 0 no limit
-- args.sent               '1'
-- args.refused            '1': it rests refused or unconfirmed
-- args.rank               in the queue for a place; '' not in it
-- args.left_out           how it differs from the approved plan; '' it does not
-- args.at_ms              the worker's clock
-- args.moving_states      of an incident: reassignments may begin
-- args.reopening_states   of an incident: records may be reopened
-- args.ended_states       of a record
-- args.resting_states     of a record: ended, or an operator has to act
--
-- Answers {1, version, nudged} or {0, version} where the version differs, {-1} paused, {-2} not moving, {-3} the canary
-- lets no more begin, {-4} not approved, {-5} another record has the lineage.
local version = redis.call('HGET', keys.record, 'version')
if not version or version ~= args.expected_version then return {0, tonumber(version or '0')} end
if args.location ~= '' then
  for _, scope in ipairs({args.everything, args.location, args.target_location}) do
    if redis.call('HEXISTS', keys.pause, scope) == 1 then return {-1} end
  end
end
if args.moving == '1' then
  if not contains(args.moving_states, redis.call('HGET', keys.incident, 'state')) then return {-2} end
  if args.approved_target ~= args.any_target and redis.call('EXISTS', keys.approved) == 1 then
    local row = redis.call('HGET', keys.approved, args.delivery_order)
    if not row then return {-4} end
    row = cjson.decode(row)
    local named = row.to_id == args.approved_target
    for _, id in ipairs(row.may or {}) do named = named or id == args.approved_target end
    if not named then return {-4} end
  end
end
local was = redis.call('HMGET', keys.record, 'state', 'reason', 'target', 'severity')
local owner = redis.call('HGET', keys.open, args.root)
local others = owner and owner ~= args.id
if args.reopening == '1' then
  if others then return {-5} end
  if not contains(args.reopening_states, redis.call('HGET', keys.incident, 'state')) then return {-2} end
elseif others and contains(args.resting_states, was[1]) and not contains(args.resting_states, args.state) then
  return {-5}
end
local canary = tonumber(args.canary)
if args.place == 'take' and canary > 0 then
  local seen = redis.call('HMGET', keys.incident, 'proven', 'streak', 'canary_waived')
  if not seen[3] then
    if tonumber(seen[2] or '0') >= canary then return {-3} end
    if not seen[1] and redis.call('SISMEMBER', keys.places, args.id) == 0 and redis.call('SCARD', keys.places) >= canary then return {-3} end
  end
end
local nudged = 0
if args.resting == '1' and redis.call('SREM', keys.nudged, args.id) == 1 then nudged = 1 end
local function regroup(was, is)
  if was == is then return end
  if was and was ~= '' then
    redis.call('HINCRBY', keys.counts, was, -1)
    redis.call('ZREM', args.group_prefix .. was, args.id)
  end
  if is ~= '' then
    redis.call('HINCRBY', keys.counts, is, 1)
    redis.call('ZADD', args.group_prefix .. is, 0, args.id)
  end
end
regroup(was[1], args.state)
regroup(was[2], args.reason)
regroup(was[3], args.target)
if (was[4] or '') ~= '' then redis.call('ZREM', args.severity_prefix .. was[4], args.id) end
if args.severity ~= '' then redis.call('ZADD', args.severity_prefix .. args.severity, 0, args.id) end
redis.call('HSET', keys.record, 'version', version + 1, 'state', args.state, 'body', args.body, 'reason', args.reason, 'target', args.target,
  'severity', args.severity)
if args.due_in_ms == '' then redis.call('ZREM', keys.due, args.id) else redis.call('ZADD', keys.due, now_ms() + args.due_in_ms, args.id) end
if args.reopening == '1' then redis.call('HSET', keys.watch, args.delivery_order, args.id) end
if args.replacement ~= '' then
  redis.call('HSET', keys.lineage, args.replacement, args.root)
  redis.call('HSET', keys.watch, args.replacement, args.id)
end
if args.left_out ~= '' then
  redis.call('HSET', keys.left_out, args.delivery_order, args.left_out)
else
  redis.call('HDEL', keys.left_out, args.delivery_order)
end
if contains(args.ended_states, args.state) then
  if owner == args.id then redis.call('HDEL', keys.open, args.root) end
  redis.call('HDEL', keys.approved, args.delivery_order)
  redis.call('HSET', keys.record, 'ended', args.at_ms)
elseif not others then
  redis.call('HSET', keys.open, args.root, args.id)
end
if args.place == 'take' or args.place == 'hold' then
  redis.call('SADD', keys.places, args.id)
elseif args.place == 'drop' and redis.call('SREM', keys.places, args.id) == 1 and args.sent == '1' then
  redis.call('HSET', keys.incident, 'proven', 1, 'streak', 0)
end
if args.refused == '1' and was[1] ~= args.state then redis.call('HINCRBY', keys.incident, 'streak', 1) end
if args.rank == '' then redis.call('ZREM', keys.queue, args.id) else redis.call('ZADD', keys.queue, args.rank, args.id) end
return {1, version + 1, nudged}
