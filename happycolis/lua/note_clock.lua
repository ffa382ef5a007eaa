-- Keeps what a host measured, and with it how far Redis's clock is from the platform's.
local clocks = KEYS[1] -- host > {host, ahead, at}
local host, ahead_ms, host_now_ms, kept_ms, redis_name = unpack(ARGV)

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function note(host, ahead)
  redis.call('HSET', clocks, host, cjson.encode({host = host, ahead = ahead, at = now}))
end
note(host, tonumber(ahead_ms))
note(redis_name, ahead_ms + (now - host_now_ms))
redis.call('PEXPIRE', clocks, kept_ms)
return 1
