-- What the scripts of the ledger have in common. A reservation is {at: location, units: {sku: n}, since: ms}; once its delivery
-- order was sent also committed: ms, by the platform's clock, and ends: ms.
--
-- args.prefix  of every key of the organization

local function key_of(what, at, sku) return args.prefix .. what .. ':' .. at .. '|' .. sku end

local function reservation_of(reservations, owner)
  local text = redis.call('HGET', reservations, owner)
  if text then return cjson.decode(text) end
end

local function free_units(stock, units)
  if redis.call('HINCRBY', stock, 'reserved_by_us', -units) <= 0 then redis.call('HDEL', stock, 'reserved_by_us') end
end

local function free(reservations, reviews, owner, reservation)
  for sku, units in pairs(reservation.units) do
    free_units(key_of('stock', reservation.at, sku), units)
    redis.call('ZREM', key_of('committed', reservation.at, sku), owner)
  end
  redis.call('HDEL', reservations, owner)
  redis.call('ZREM', reviews, owner)
end
