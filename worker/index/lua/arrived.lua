-- Sets when a message arrived, of one that may have waited on disk before it is stored (../dates.go). Included behind dates.lua.
--
-- args.came_ms  when it arrived, by the clock of who took it; '' now
-- args.age_ms   how long ago that was, by the same clock

if args.came_ms ~= '' then
  came = math.min(now, tonumber(args.came_ms))
  -- A clock that is too far behind is not believed.
  if came < now - args.age_ms - future_most_ms then came = now - args.age_ms end
end
