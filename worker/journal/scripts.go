package journal

import "github.com/redis/go-redis/v9"

// redisNow is the start of every script that needs the time: Redis's clock, in milliseconds, since
// the clocks of several workers differ.
const redisNow = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`

// enrollRecord makes a record unless the incident has one for this delivery order, or the lineage has an
// open one (which is then the owner).
//
//	KEYS record rows counts open lineage watch due group(of the state)
//	ARGV id delivery_order body state due_in_ms root(that the body names)
//
// It answers new, known, joined (with the owner), or root (with the root that the body should name).
var enrollRecord = redis.NewScript(redisNow + `
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return {'known', ARGV[1]} end
local root = redis.call('HGET', KEYS[5], ARGV[2]) or ARGV[2]
local owner = redis.call('HGET', KEYS[4], root)
if owner then return {'joined', owner} end
if root ~= ARGV[6] then return {'root', root} end
redis.call('HSET', KEYS[1], 'version', 1, 'state', ARGV[4], 'body', ARGV[3])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
redis.call('ZADD', KEYS[8], 0, ARGV[1])
redis.call('HSET', KEYS[4], root, ARGV[1])
redis.call('HSET', KEYS[5], ARGV[2], root)
redis.call('HSET', KEYS[6], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[7], now + ARGV[5], ARGV[1])
return {'new', root}
`)

// saveRecord is the compare-and-set of a record with everything that hangs on it. A record that is over has no approval any
// more: what was approved was this one go. One that is reopened begins where Enroll does, as the owner of its
// lineage; one that goes on after it was at rest must not take the lineage from another.
//
//	KEYS record counts open lineage watch due signalled pause incident places queue approved left_out
//	ARGV id expected_version body state due_in_ms('' none) root replacement('' none)
//	     location(guarded by pause; '' no guard) moving('1': the incident must let reassignments move) resting('1': the record goes to wait)
//	     group_key_prefix group_by_reason('' none) group_by_target('' none)
//	     place(take, hold, drop or '' as it is) canary('0' no limit) sent('1') refused('1': it rests refused or unconfirmed) rank(in the queue for a place; '' not in it)
//	     delivery_order target('*': an operator asked for this one) left_out('' no: how it differs from the approved plan)
//	     reopening('1': it was over, and its incident has to be open for it) at_ms(the worker's clock)
//	     target_location(guarded by pause as the location is; '' none)
//
// Where the incident moves by approved plans, what is moving must stand in one, to this target.
//
// It answers {1, version, signalled} or {0, version} where the version differs, {-1} paused, {-2} not moving, {-3} the
// canary lets no more begin, {-4} not approved, {-5} another record has the lineage.
var saveRecord = redis.NewScript(redisNow + `
local version = redis.call('HGET', KEYS[1], 'version')
if not version or version ~= ARGV[2] then return {0, tonumber(version or '0')} end
if ARGV[8] ~= '' then
  for _, scope in ipairs({'*', ARGV[8], ARGV[24]}) do
    if redis.call('HEXISTS', KEYS[8], scope) == 1 then return {-1} end
  end
end
if ARGV[9] == '1' then
  local state = redis.call('HGET', KEYS[9], 'state')
  if state ~= 'draining' and state ~= 'watching' then return {-2} end
  if ARGV[20] ~= '*' and redis.call('EXISTS', KEYS[12]) == 1 then
    local row = redis.call('HGET', KEYS[12], ARGV[19])
    if not row then return {-4} end
    row = cjson.decode(row)
    local named = row.to_id == ARGV[20]
    for _, id in ipairs(row.may or {}) do named = named or id == ARGV[20] end
    if not named then return {-4} end
  end
end
local was = redis.call('HMGET', KEYS[1], 'state', 'reason', 'target')
local function over(state) return state == 'reassigned' or state == 'left' end
local owner = redis.call('HGET', KEYS[3], ARGV[6])
local others = owner and owner ~= ARGV[1]
if ARGV[22] == '1' then
  if others then return {-5} end
  local state = redis.call('HGET', KEYS[9], 'state')
  if state ~= 'draining' and state ~= 'watching' and state ~= 'awaiting_approval' then return {-2} end
elseif others and (over(was[1]) or was[1] == 'needs_person') and not over(ARGV[4]) and ARGV[4] ~= 'needs_person' then
  return {-5}
end
local canary = tonumber(ARGV[15])
if ARGV[14] == 'take' and canary > 0 then
  local seen = redis.call('HMGET', KEYS[9], 'proven', 'streak', 'canary_waived')
  if not seen[3] then
    if tonumber(seen[2] or '0') >= canary then return {-3} end
    if not seen[1] and redis.call('SISMEMBER', KEYS[10], ARGV[1]) == 0 and redis.call('SCARD', KEYS[10]) >= canary then return {-3} end
  end
end
local due = ARGV[5]
local nudged = 0
if ARGV[10] == '1' and redis.call('SREM', KEYS[7], ARGV[1]) == 1 then nudged = 1 end
local function regroup(was, is)
  if was == is then return end
  if was and was ~= '' then
    redis.call('HINCRBY', KEYS[2], was, -1)
    redis.call('ZREM', ARGV[11] .. was, ARGV[1])
  end
  if is ~= '' then
    redis.call('HINCRBY', KEYS[2], is, 1)
    redis.call('ZADD', ARGV[11] .. is, 0, ARGV[1])
  end
end
regroup(was[1], ARGV[4])
regroup(was[2], ARGV[12])
regroup(was[3], ARGV[13])
redis.call('HSET', KEYS[1], 'version', version + 1, 'state', ARGV[4], 'body', ARGV[3], 'reason', ARGV[12], 'target', ARGV[13])
if due == '' then redis.call('ZREM', KEYS[6], ARGV[1]) else redis.call('ZADD', KEYS[6], now + due, ARGV[1]) end
if ARGV[22] == '1' then redis.call('HSET', KEYS[5], ARGV[19], ARGV[1]) end
if ARGV[7] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[7], ARGV[6])
  redis.call('HSET', KEYS[5], ARGV[7], ARGV[1])
end
if ARGV[21] ~= '' then redis.call('HSET', KEYS[13], ARGV[19], ARGV[21]) else redis.call('HDEL', KEYS[13], ARGV[19]) end
if over(ARGV[4]) then
  if owner == ARGV[1] then redis.call('HDEL', KEYS[3], ARGV[6]) end
  redis.call('HDEL', KEYS[12], ARGV[19])
  redis.call('HSET', KEYS[1], 'ended', ARGV[23])
elseif not others then
  redis.call('HSET', KEYS[3], ARGV[6], ARGV[1])
end
if ARGV[14] == 'take' or ARGV[14] == 'hold' then
  redis.call('SADD', KEYS[10], ARGV[1])
elseif ARGV[14] == 'drop' and redis.call('SREM', KEYS[10], ARGV[1]) == 1 and ARGV[16] == '1' then
  redis.call('HSET', KEYS[9], 'proven', 1, 'streak', 0)
end
if ARGV[17] == '1' and was[1] ~= ARGV[4] then redis.call('HINCRBY', KEYS[9], 'streak', 1) end
if ARGV[18] == '' then redis.call('ZREM', KEYS[11], ARGV[1]) else redis.call('ZADD', KEYS[11], ARGV[18], ARGV[1]) end
return {1, version + 1, nudged}
`)

// markCorrupt counts a record that cannot be read among those that need an operator, whatever it counted as, unless it was
// written anew since it was read. Its version is made one that an operator's leave can be written over.
//
//	KEYS record rows counts
//	ARGV id version(as read; '' none) body(as read; '' none) group_key_prefix state group_by_reason
var markCorrupt = redis.NewScript(`
local is = redis.call('HMGET', KEYS[1], 'version', 'body')
if (is[1] or '') ~= ARGV[2] or (is[2] or '') ~= ARGV[3] then return 0 end
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
for _, group in ipairs(redis.call('HKEYS', KEYS[3])) do
  if redis.call('ZREM', ARGV[4] .. group, ARGV[1]) == 1 then redis.call('HINCRBY', KEYS[3], group, -1) end
end
for _, group in ipairs({ARGV[5], ARGV[6]}) do
  redis.call('HINCRBY', KEYS[3], group, 1)
  redis.call('ZADD', ARGV[4] .. group, 0, ARGV[1])
end
redis.call('HSET', KEYS[1], 'state', ARGV[5], 'reason', ARGV[6], 'target', '')
if not string.match(ARGV[2], '^%d+$') then redis.call('HSET', KEYS[1], 'version', 0) end
return 1
`)

// releaseCanaryWaiters makes those due that wait longest for a place of the canary, as many as may begin now.
// KEYS incident places queue due; ARGV canary most.
var releaseCanaryWaiters = redis.NewScript(redisNow + `
local seen = redis.call('HMGET', KEYS[1], 'state', 'proven', 'streak', 'canary_waived')
if seen[1] ~= 'draining' and seen[1] ~= 'watching' then return 0 end
local canary, free = tonumber(ARGV[1]), tonumber(ARGV[2])
if canary > 0 and not seen[4] then
  if tonumber(seen[3] or '0') >= canary then return 0 end
  if not seen[2] then free = math.min(free, canary - redis.call('SCARD', KEYS[2])) end
end
if free <= 0 then return 0 end
local ids = redis.call('ZRANGE', KEYS[3], 0, free - 1)
for _, id in ipairs(ids) do
  redis.call('ZADD', KEYS[4], now, id)
  redis.call('ZREM', KEYS[3], id)
end
return #ids
`)

// signalRecord marks the record that watches a delivery order, so that whoever works at it goes round once more
// instead of waiting; one that is over is only named. KEYS watch signalled; ARGV delivery_order record_key_prefix.
var signalRecord = redis.NewScript(`
local id = redis.call('HGET', KEYS[1], ARGV[1])
if not id then return '' end
local state = redis.call('HGET', ARGV[2] .. id, 'state')
if not state then return '' end
if state ~= 'reassigned' and state ~= 'left' then redis.call('SADD', KEYS[2], id) end
return id
`)

// lockOrder gives the parent order to one owner for a while. KEYS locks; ARGV order owner ms.
var lockOrder = redis.NewScript(redisNow + `
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held then
  local owner, ends = string.match(held, '^(.*) (%d+)$')
  if owner ~= ARGV[2] and tonumber(ends) > now then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + ARGV[3]))
return 1
`)

// unlockOrder frees the parent order if the owner holds it. KEYS locks; ARGV order owner.
var unlockOrder = redis.NewScript(`
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.match(held, '^(.*) %d+$') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
`)

// resumeScope ends a pause if it is still the one that was read, and remembers it.
// KEYS pause paused; ARGV scope standing over most.
var resumeScope = redis.NewScript(`
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('RPUSH', KEYS[2], ARGV[3])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[4]), -1)
return 1
`)

// listDue lists records whose time has come. KEYS due; ARGV most.
var listDue = redis.NewScript(redisNow + `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])`)

// deferDue moves a record's due time without touching the record. KEYS due; ARGV id ms.
var deferDue = redis.NewScript(redisNow + `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
return 1
`)

// openIncident makes an incident unless the location has an open one.
// KEYS incident failing incidents; ARGV id location body state opened_ms.
var openIncident = redis.NewScript(`
local there = redis.call('HGET', KEYS[2], ARGV[2])
if there then return there end
redis.call('HSET', KEYS[1], 'version', 1, 'state', ARGV[4], 'body', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1])
return ARGV[1]
`)

// saveIncident is the compare-and-set of an incident. One that is over needs no approvals any more.
// KEYS incident failing cooling approved; ARGV id expected_version body state location open('1') cools_from(empty: its end starts no cooldown).
var saveIncident = redis.NewScript(`
local version = redis.call('HGET', KEYS[1], 'version')
if not version or version ~= ARGV[2] then return {0, tonumber(version or '0')} end
local was = redis.call('HGET', KEYS[1], 'state')
redis.call('HSET', KEYS[1], 'version', version + 1, 'state', ARGV[4], 'body', ARGV[3])
if ARGV[6] == '1' then
  redis.call('HSET', KEYS[2], ARGV[5], ARGV[1])
else
  if redis.call('HGET', KEYS[2], ARGV[5]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[5]) end
  redis.call('DEL', KEYS[4])
  redis.call('HDEL', KEYS[1], 'approving')
end
if ARGV[7] ~= '' and was ~= ARGV[4] then redis.call('HSET', KEYS[3], ARGV[5], ARGV[7]) end
return {1, version + 1}
`)

// noteObserved notes an observation beside an incident, if it still is as it was observed.
// KEYS incident; ARGV expected_version observed.
var noteObserved = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'observed', ARGV[2])
return 1
`)

// approvePlan is the compare-and-set of an incident that says that rows of a frozen plan may move, and notes which of them
// copyApproved has to copy. Whoever approved looked before at each row; here it is asked once more whether they are all
// there, before anything is written, and they are kept for as long as a new plan is.
//
//	KEYS incident approved plan planned
//	ARGV expected_version body state to approving('' no row) kept_ms
//
// It answers {1, version}, {0, version} where the version differs, {-1} if the rows are not there any more, {-2} while rows
// of an earlier approval are still to be copied.
var approvePlan = redis.NewScript(`
local version = redis.call('HGET', KEYS[1], 'version')
if not version or version ~= ARGV[1] then return {0, tonumber(version or '0')} end
if redis.call('HEXISTS', KEYS[1], 'approving') == 1 then return {-2} end
if ARGV[5] ~= '' then
  if redis.call('LLEN', KEYS[4]) < tonumber(ARGV[4]) or redis.call('EXISTS', KEYS[3]) == 0 then return {-1} end
  redis.call('HSET', KEYS[1], 'approving', ARGV[5])
  redis.call('PEXPIRE', KEYS[3], ARGV[6])
  redis.call('PEXPIRE', KEYS[4], ARGV[6])
end
redis.call('HSET', KEYS[2], '', '{}')
redis.call('HSET', KEYS[1], 'version', version + 1, 'state', ARGV[3], 'body', ARGV[2])
return {1, version + 1}
`)

// copyApproved copies a page of the rows that were approved to the approvals of the incident, and notes what is left. Of a
// delivery order whose record ended after the plan was made, the plan says nothing any more. Copying a page twice, or by
// two at once, is harmless.
//
//	KEYS incident approved plan planned
//	ARGV approving(as read) from to(of the page) rest(of approving after it; '' nothing) made_ms record_key_prefix
//
// It answers what is approved and not copied yet; empty: nothing.
var copyApproved = redis.NewScript(`
local approving = redis.call('HGET', KEYS[1], 'approving')
if approving ~= ARGV[1] then return approving or '' end
for _, id in ipairs(redis.call('LRANGE', KEYS[4], ARGV[2], ARGV[3] - 1)) do
  local row = redis.call('HGET', KEYS[3], id)
  local ended = redis.call('HGET', ARGV[6] .. id, 'ended')
  if row and (not ended or tonumber(ended) < tonumber(ARGV[5])) then redis.call('HSET', KEYS[2], id, row) end
end
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'approving') else redis.call('HSET', KEYS[1], 'approving', ARGV[4]) end
return ARGV[4]
`)

// dropPlan forgets the rows of a plan, unless an approval of them is still to be copied: then they end by their time.
// KEYS incident plan planned; ARGV key.
var dropPlan = redis.NewScript(`
local approving = redis.call('HGET', KEYS[1], 'approving')
if approving and string.match(approving, '^%S+') == ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2], KEYS[3])
`)
