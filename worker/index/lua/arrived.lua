-- Sets when a message arrived, of one that waited on disk before it is stored (../dates.go). Included behind dates.lua.
--
-- args.came_ms  when it arrived, by Redis's clock; '' now

if args.came_ms ~= '' then came = math.min(now, tonumber(args.came_ms)) end
