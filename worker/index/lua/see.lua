-- Notes a message that is no delivery order's. Answers by how many ms its date was in the future.
--
-- keys.seen
-- keys.meta
-- args.date_ms     '' none
-- args.seen_ttl_s  '' no message
--
-- include dates.lua
-- include arrived.lua
-- include seen.lua
local date, arrival, future = dated(args.date_ms)
see(args.seen_ttl_s ~= '' and keys.seen or '', keys.meta, date, arrival, args.seen_ttl_s)
return future
