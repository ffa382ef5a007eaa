-- Stores what was heard of a location, as JSON of Place and of the dates (ms) of its slug and of its acceptance.
--
-- keys.places
-- keys.slugs
-- keys.seen
-- args.message  '' none; else nothing is stored if keys.seen is there
-- args.id
-- args.date_ms  '' none
-- args.slug     '' not told
-- args.accept   '' not told
-- args.at_once  what args.accept is of a location that takes orders without a date
--
-- Answers 1 stored, -1 the message was processed before.
--
-- include dates.lua
-- include arrived.lua
if args.message ~= '' and redis.call('EXISTS', keys.seen) == 1 then return -1 end
local function placeOf(id)
  local readable, place = pcall(cjson.decode, redis.call('HGET', keys.places, id) or '{}')
  if not readable or type(place) ~= 'table' then place = {} end
  place.id = id
  return place
end
local function write(place) redis.call('HSET', keys.places, place.id, cjson.encode(place)) end

local id, slug, accept = args.id, args.slug, args.accept
local date, arrival = dated(args.date_ms)
local place = placeOf(id)
if slug ~= '' then
  local news, at = newer(date, arrival, place.slug_date, place.slug_guessed, place.slug_arrived)
  if news then
    local bearer = redis.call('HGET', keys.slugs, slug)
    local other = bearer and bearer ~= id and placeOf(bearer)
    local bears = true
    if other and other.slug == slug then
      bears = newer(date, arrival, other.slug_date, other.slug_guessed, other.slug_arrived)
      if bears then
        other.slug = nil
        write(other)
      end
    end
    if place.slug and place.slug ~= slug and redis.call('HGET', keys.slugs, place.slug) == id then
      redis.call('HDEL', keys.slugs, place.slug)
    end
    if bears then redis.call('HSET', keys.slugs, slug, id) end
    place.slug, place.slug_date, place.slug_guessed = bears and slug or nil, at, arrival or nil
    place.slug_arrived = came
  end
end
if accept ~= '' then
  local news, at = newer(date, arrival, place.accept_date, place.accept_guessed, place.accept_arrived)
  if news then
    place.accept, place.accept_date, place.accept_guessed = accept ~= args.at_once and accept or nil, at, arrival or nil
    place.accept_arrived = came
  end
end
write(place)
return 1
