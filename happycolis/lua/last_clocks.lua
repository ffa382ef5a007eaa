-- Forgets what was measured long ago and returns the rest.
local clocks = KEYS[1] -- host > {host, ahead, at}
local kept_ms = tonumber(ARGV[1])

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = redis.call('HGETALL', clocks)
local all = {}
for i = 1, #found, 2 do
  local readable, clock = pcall(cjson.decode, found[i + 1])
  if readable and type(clock) == 'table' and tonumber(clock.at) and math.abs(now - clock.at) <= kept_ms then
    all[#all + 1] = found[i + 1]
  else
    redis.call('HDEL', clocks, found[i])
  end
end
return all
