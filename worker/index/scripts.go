package index

import "github.com/redis/go-redis/v9"

// noteSeen is the start of the scripts that note a message as seen. The index listens since the first one
// arrived, by Redis's clock: what its header says may be years ago, and would make a young index look old.
// A message that comes long after its date waited somewhere: until one comes in time, the index is behind, and
// then a gap is over (gap.go).
const noteSeen = `
local function see(seen, meta, date, ttl)
  if seen ~= '' then redis.call('SET', seen, '1', 'EX', ttl) end
  local since, last, behind, gaps = unpack(redis.call('HMGET', meta, 'since', 'last', 'behind', 'gaps'))
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  if not since then redis.call('HSET', meta, 'since', now) end
  if not last or tonumber(last) < tonumber(date) then redis.call('HSET', meta, 'last', date) end
  if now - tonumber(date) > ` + lateMillis + ` then
    if not behind or tonumber(date) < tonumber(behind) then redis.call('HSET', meta, 'behind', date) end
  elseif behind then
    local all = gaps and cjson.decode(gaps) or {}
    all[#all + 1] = {from = tonumber(behind), to = now}
    if #all > ` + gapsMost + ` then table.remove(all, 1) end
    redis.call('HDEL', meta, 'behind')
    redis.call('HSET', meta, 'gaps', cjson.encode(all))
  end
end
`

// The first word of put's answer.
const (
	putOlder    = int64(0) // what is there is newer
	putStored   = int64(1)
	putRepeated = int64(-1) // the message was seen before; nothing was stored
	putThin     = int64(-2) // nothing was stored: what is known, body and told, has to complete it first
)

// put stores an entry if it is not older than what is there, and notes the message as seen in the same
// step, so that the effect is never missing behind a seen message. Of what only webhooks tell, the newer
// word on each thing is kept. The order number, which webhooks need not name, has a field of its own; an entry
// without that field is of an earlier release and has the number in its body.
//
//	KEYS entry meta seen flight(of the location) ended(of the location) places
//	ARGV date_ms body told('' nothing) shape(thin whole completed) cancel_rejected_ms('' none) member('' not in flight) seen_ttl_s('' no message)
//	     ended_id('' not cancelled) ended_kept_ms location('' none) place number('' not told)
var put = redis.NewScript(noteSeen + `
if ARGV[7] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return {-1} end
local date, flight, member, told, told_date, number =
  unpack(redis.call('HMGET', KEYS[1], 'date', 'flight', 'member', 'told', 'told_date', 'number'))
if date and (ARGV[4] == 'thin' or ARGV[4] == 'whole' and ARGV[12] == '' and not number) then
  return {-2, redis.call('HGET', KEYS[1], 'body'), told or ''}
end
local stored = 0
if not date or tonumber(date) <= tonumber(ARGV[1]) then
  stored = 1
  local moved = flight ~= KEYS[4] or member ~= ARGV[6]
  if member and moved then redis.call('ZREM', flight, member) end
  redis.call('HSET', KEYS[1], 'date', ARGV[1], 'body', ARGV[2])
  if ARGV[12] ~= '' and ARGV[12] ~= number or not number then redis.call('HSET', KEYS[1], 'number', ARGV[12]) end
  if ARGV[6] ~= '' then
    if moved then
      redis.call('ZADD', KEYS[4], 0, ARGV[6])
      redis.call('HSET', KEYS[1], 'flight', KEYS[4], 'member', ARGV[6])
    end
  elseif member then
    redis.call('HDEL', KEYS[1], 'flight', 'member')
    if ARGV[8] ~= '' then
      redis.call('ZADD', KEYS[5], ARGV[1], ARGV[8])
      redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', ARGV[1] - ARGV[9])
      redis.call('PEXPIRE', KEYS[5], ARGV[9])
    end
  end
  if not date then redis.call('HINCRBY', KEYS[2], 'known', 1) end
end
if ARGV[3] ~= '' then
  local late = told_date and tonumber(told_date) > tonumber(ARGV[1])
  local text = ARGV[3]
  if told and told ~= text then
    local readable, before = pcall(cjson.decode, told)
    if readable and type(before) == 'table' then
      local now = cjson.decode(text)
      local newer, older = now, before
      if late then newer, older = before, now end
      for thing, word in pairs(older) do
        if newer[thing] == nil then newer[thing] = word end
      end
      text = cjson.encode(newer)
    end
  end
  if told ~= text then redis.call('HSET', KEYS[1], 'told', text) end
  if not late then redis.call('HSET', KEYS[1], 'told_date', ARGV[1]) end
end
if ARGV[5] ~= '' then
  local rejected = redis.call('HGET', KEYS[1], 'cancel_rejected')
  if not rejected or tonumber(rejected) < tonumber(ARGV[5]) then redis.call('HSET', KEYS[1], 'cancel_rejected', ARGV[5]) end
end
if ARGV[10] ~= '' then redis.call('HSETNX', KEYS[6], ARGV[10], ARGV[11]) end
if ARGV[7] ~= '' then
  see(KEYS[3], KEYS[2], ARGV[1], ARGV[7])
end
return {stored}
`)

// see notes a message that is no delivery order's. KEYS seen meta; ARGV date_ms seen_ttl_s(” no message).
var see = redis.NewScript(noteSeen + `
see(ARGV[2] ~= '' and KEYS[1] or '', KEYS[2], ARGV[1], ARGV[2])
return 1
`)
