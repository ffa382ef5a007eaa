-- Lists a shipment by its arrival.
--
-- keys.shipments       of the location
-- keys.shipment
-- args.shipment
-- args.delivery_order  '' not told
-- args.most            of one location, the latest
-- args.kept_ms
--
-- include dates.lua
-- include arrived.lua
redis.call('ZADD', keys.shipments, 'NX', came, args.shipment)
redis.call('ZREMRANGEBYRANK', keys.shipments, 0, -args.most - 1)
redis.call('PEXPIRE', keys.shipments, args.kept_ms)
if args.delivery_order ~= '' then redis.call('SET', keys.shipment, args.delivery_order, 'PX', args.kept_ms) end
return 1
