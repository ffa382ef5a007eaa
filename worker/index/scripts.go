package index

import "github.com/redis/go-redis/v9"

// noteSeen is the start of the scripts that note a message as seen. The index listens since the first one
// arrived, and heard last when the last one did, by Redis's clock: what their headers say may be years off, and would
// make a young index look old or silence the alert that none comes.
// A message that comes long after its date waited somewhere: until one comes in time, the index is behind, and
// then a gap is over (gap.go). One without a date that counts says nothing of that.
const noteSeen = dateWords + `
local function see(seen, meta, date, arrival, ttl)
  if seen ~= '' then redis.call('SET', seen, '1', 'EX', ttl) end
  local since, behind, gaps = unpack(redis.call('HMGET', meta, 'since', 'behind', 'gaps'))
  if not since then redis.call('HSET', meta, 'since', now) end
  redis.call('HSET', meta, 'last', now)
  if arrival then return end
  if now - date > ` + lateMillis + ` then
    if not behind or date < tonumber(behind) then redis.call('HSET', meta, 'behind', date) end
  elseif behind then
    local all = gaps and cjson.decode(gaps) or {}
    all[#all + 1] = {from = tonumber(behind), to = now}
    if #all > ` + maxGaps + ` then table.remove(all, 1) end
    redis.call('HDEL', meta, 'behind')
    redis.call('HSET', meta, 'gaps', cjson.encode(all))
  end
end
local function guess(key, arrival, before)
  if arrival and not before then redis.call('HSET', key, 'guessed', '1') end
  if before and not arrival then redis.call('HDEL', key, 'guessed') end
end
`

// The first word of the answer of put and putStock.
const (
	putOlder    = int64(0) // what is there is newer
	putStored   = int64(1)
	putRepeated = int64(-1) // the message was seen before; nothing was stored
	putPartial  = int64(-2) // nothing was stored: what is known, body and told, has to complete it first
)

// putScript stores an entry if it is not older than what is there, and notes the message as seen in the same
// step, so that the effect is never missing behind a seen message. One that was completed is stored only over what completed
// it: else what came in between would be taken back. Of what only webhooks tell, the newer
// word on each thing is kept. The order number, which webhooks need not name, has a field of its own; an entry
// without that field is of an earlier release and has the number in its body. What was cancelled is listed by its
// arrival: a wrong date would hide it, or wipe the list.
//
//	KEYS entry meta seen flight(of the location) ended(of the location) places
//	ARGV date_ms('' none) body told('' nothing) shape(thin whole completed) cancel_rejected('1' it was announced) member('' not in flight)
//	     seen_ttl_s('' no message) ended_id('' not cancelled) ended_kept_ms location('' none) place number('' not told) known(body that completed it)
//
// It answers a word (below); where it is not one of the last two, then by how many ms the date was in the future.
var putScript = redis.NewScript(noteSeen + `
if ARGV[7] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return {-1} end
local before, guessed, flight, member, told, told_date, number =
  unpack(redis.call('HMGET', KEYS[1], 'date', 'guessed', 'flight', 'member', 'told', 'told_date', 'number'))
if before and (ARGV[4] == 'thin' or ARGV[4] == 'whole' and ARGV[12] == '' and not number) then
  return {-2, redis.call('HGET', KEYS[1], 'body'), told or ''}
end
if ARGV[4] == 'completed' then
  local known = redis.call('HGET', KEYS[1], 'body')
  if (known or '') ~= ARGV[13] then return {-2, known, told or ''} end
end
local stored = 0
local date, arrival, future = dated(ARGV[1])
local news, counts = newer(date, arrival, before, guessed)
if news then
  stored = 1
  local moved = flight ~= KEYS[4] or member ~= ARGV[6]
  if member and moved then redis.call('ZREM', flight, member) end
  redis.call('HSET', KEYS[1], 'date', counts, 'body', ARGV[2])
  guess(KEYS[1], arrival, guessed)
  if ARGV[12] ~= '' and ARGV[12] ~= number or not number then redis.call('HSET', KEYS[1], 'number', ARGV[12]) end
  if ARGV[6] ~= '' then
    if moved then
      redis.call('ZADD', KEYS[4], 0, ARGV[6])
      redis.call('HSET', KEYS[1], 'flight', KEYS[4], 'member', ARGV[6])
    end
  elseif member then
    redis.call('HDEL', KEYS[1], 'flight', 'member')
    if ARGV[8] ~= '' then
      redis.call('ZADD', KEYS[5], now, ARGV[8])
      redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - ARGV[9])
      redis.call('PEXPIRE', KEYS[5], ARGV[9])
    end
  end
  if not before then
    redis.call('HINCRBY', KEYS[2], 'known', 1)
    redis.call('HSET', KEYS[1], 'since', now)
  end
end
if ARGV[3] ~= '' then
  local last, at = newer(date, arrival, told_date, guessed)
  local text = ARGV[3]
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
  if told ~= text then redis.call('HSET', KEYS[1], 'told', text) end
  if last then redis.call('HSET', KEYS[1], 'told_date', at) end
end
if ARGV[5] ~= '' then
  local last, at = newer(date, arrival, redis.call('HGET', KEYS[1], 'cancel_rejected'))
  if last then redis.call('HSET', KEYS[1], 'cancel_rejected', at) end
end
if ARGV[10] ~= '' then redis.call('HSETNX', KEYS[6], ARGV[10], ARGV[11]) end
if ARGV[7] ~= '' then
  see(KEYS[3], KEYS[2], date, arrival, ARGV[7])
end
return {stored, future}
`)

// markSeenScript notes a message that is no delivery order's, and answers by how many ms its date was in the future.
//
//	KEYS seen meta
//	ARGV date_ms('' none) seen_ttl_s('' no message)
var markSeenScript = redis.NewScript(noteSeen + `
local date, arrival, future = dated(ARGV[1])
see(ARGV[2] ~= '' and KEYS[1] or '', KEYS[2], date, arrival, ARGV[2])
return future
`)
