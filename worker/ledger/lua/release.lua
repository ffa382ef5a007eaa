-- Ends a reservation.
--
-- keys.reservations  owner > reservation
-- keys.reviews       owner > when its reservation is checked again (ms)
-- args.owner
--
-- include reservations.lua
local reservation = reservation_of(keys.reservations, args.owner)
if not reservation then return 0 end
free(keys.reservations, keys.reviews, args.owner, reservation)
redis.call('ZREM', args.prefix .. 'started:' .. reservation.at, args.owner)
return 1
