-- What tells the time.
local now = redis.call('TIME')[1]
