-- What compares dates; ../dates.go says why.

local now = now_ms()

-- How much later than its arrival the date of a message may be.
local future_most_ms = 60000

-- dated returns, of the date of a message in ms ('' it has none), the date that counts, whether that is the arrival, and by
-- how many ms its own was in the future.
local function dated(text)
  local date = tonumber(text)
  if not date then return now, true, 0 end
  if date > now + future_most_ms then return now, true, date - now end
  return date, false, 0
end

-- known returns, of a stored date (guessed: it was an arrival), the date that a newer one has to reach; nil: any is newer, as
-- where an earlier release stored a date that lies in the future.
local function known(text, guessed)
  local date = tonumber(text or '')
  if not date or date > now + future_most_ms then return nil end
  if guessed then return date - future_most_ms end
  return date
end

-- newer returns, of what dated returned and what is stored, whether it is newer, and the date to store then.
local function newer(date, arrival, text, guessed)
  local before = known(text, guessed)
  if before and arrival then return true, math.max(date, before) end
  return not before or before <= date, date
end
