-- What notes a message as seen. The index listens since the first one arrived, and heard last when the last one did: what
-- their headers say may be years off, and would make a young index look old or silence the alert that none comes. A message
-- that comes long after its date waited somewhere: until one comes in time, the index is behind, and then a gap is over
-- (../gap.go). One without a date that counts says nothing of that, nor does one that is days old.
--
-- args.old_ms  one that is older than this when it comes was sent again

-- A message that is older than this when it comes had to wait.
local late_ms = 5 * 60 * 1000

-- How many gaps are remembered, the latest.
local gaps_most = 10

local function see(seen, meta, date, arrival, ttl)
  if seen ~= '' then redis.call('SET', seen, came, 'EX', ttl) end
  local since, last, behind, gaps = unpack(redis.call('HMGET', meta, 'since', 'last', 'behind', 'gaps'))
  if not since then redis.call('HSET', meta, 'since', came) end
  if not last or tonumber(last) < came then redis.call('HSET', meta, 'last', came) end
  if arrival or came - date > tonumber(args.old_ms) then return end
  if came - date > late_ms then
    if not behind or date < tonumber(behind) then redis.call('HSET', meta, 'behind', date) end
  elseif behind then
    local all = gaps and cjson.decode(gaps) or {}
    all[#all + 1] = {from = tonumber(behind), to = came}
    if #all > gaps_most then table.remove(all, 1) end
    redis.call('HDEL', meta, 'behind')
    redis.call('HSET', meta, 'gaps', cjson.encode(all))
  end
end

-- put_back corrects when a message came that is there again from the disk: a Redis that stood still ran its command long
-- after its sender had given it up, and what came in between and waits on the disk would look older. fields are those of key that hold
-- an arrival, each with that of its date, which is the arrival too where it was guessed.
local function put_back(seen, key, fields)
  local was = redis.call('GET', seen)
  if came >= (tonumber(was) or 0) then return end
  for arrived, date in pairs(fields) do
    if redis.call('HGET', key, arrived) == was then
      redis.call('HSET', key, arrived, came)
      if redis.call('HGET', key, date) == was then redis.call('HSET', key, date, came) end
    end
  end
end

-- guess notes whether the date that is stored was an arrival; before says whether the last one was.
local function guess(key, arrival, before)
  if arrival and not before then redis.call('HSET', key, 'guessed', '1') end
  if before and not arrival then redis.call('HDEL', key, 'guessed') end
end
