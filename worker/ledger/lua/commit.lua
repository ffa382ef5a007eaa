-- Marks a reservation as one whose delivery order was sent, or ends one that was committed long ago. Stock levels are compared
-- with the date of the sending, which is the platform's; the end is a matter of Redis's clock.
--
-- keys.reservations  owner > reservation
-- keys.reviews       owner > when its reservation is checked again (ms)
-- args.owner
-- args.sent_ms
-- args.kept_ms       from then
--
-- include dates.lua
-- include reservations.lua
local reservation = reservation_of(keys.reservations, args.owner)
if not reservation then return 0 end
local ends = reservation.committed and (reservation.ends or reservation.committed + args.kept_ms)
if ends and ends <= now then
  free(keys.reservations, keys.reviews, args.owner, reservation)
  return 1
end
if not ends then
  reservation.committed = dated(args.sent_ms)
  ends = math.max(now, reservation.committed) + args.kept_ms
  reservation.ends = ends
  for sku in pairs(reservation.units) do
    redis.call('ZADD', key_of('committed', reservation.at, sku), reservation.committed, args.owner)
  end
  redis.call('HSET', keys.reservations, args.owner, cjson.encode(reservation))
end
redis.call('ZADD', keys.reviews, ends, args.owner)
return 1
