-- What compares dates; ../dates.go says why.

local now = now_ms()

-- came is when what is stored arrived: now, unless arrived.lua knows better.
local came = now

-- How much later than its arrival the date of a message may be.
local future_most_ms = 60000

-- dated returns, of the date of a message in ms ('' it has none), the date that counts, whether that is the arrival, and by
-- how many ms its own was in the future.
local function dated(text)
  local date = tonumber(text)
  if not date then return came, true, 0 end
  if date > came + future_most_ms then return came, true, date - came end
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

-- newer returns, of what dated returned and what is stored (arrived: when that came; nil: an earlier release stored it),
-- whether it is newer, and the date to store then. A message without a date is as new as its arrival; of equal dates the
-- later arrival wins.
local function newer(date, arrival, text, guessed, arrived)
  local before = known(text, guessed)
  if not before then return true, date end
  local later = not arrived or came >= tonumber(arrived)
  if arrival then return later or date - future_most_ms > before, math.max(date, before) end
  if before == date then return later, date end
  if guessed and not later then return false end
  return before < date, date
end
