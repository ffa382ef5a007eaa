-- What the scripts of stock and promises have in common. A claim is {at: location, units: {sku: n}, since: ms}; once it was
-- sent also settled: ms, by the platform's clock, and ends: ms.
--
-- args.prefix  of every key of the organization

local function keyOf(what, at, sku) return args.prefix .. what .. ':' .. at .. '|' .. sku end

local function claimOf(claims, owner)
  local text = redis.call('HGET', claims, owner)
  if text then return cjson.decode(text) end
end

local function unpromise(key, units)
  if redis.call('HINCRBY', key, 'promised', -units) <= 0 then redis.call('HDEL', key, 'promised') end
end

local function giveBack(claims, reviews, owner, claim)
  for sku, units in pairs(claim.units) do
    unpromise(keyOf('stock', claim.at, sku), units)
    redis.call('ZREM', keyOf('settled', claim.at, sku), owner)
  end
  redis.call('HDEL', claims, owner)
  redis.call('ZREM', reviews, owner)
end
