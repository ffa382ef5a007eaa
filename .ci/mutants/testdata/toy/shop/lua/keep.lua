-- Keeps a parcel.
--
-- keys.parcel
-- keys.lost
-- args.units
--
-- include now.lua
if redis.call('EXISTS', keys.parcel) == 1 and args.units < 5 then return 0 end
redis.call('SET', keys.parcel, 'kept', now + 1)
redis.call('DEL', keys.lost)
return 1
