-- What every script may use, besides keys and args.

-- now_ms is Redis's clock in milliseconds: those of several workers differ.
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- contains tells whether a list that was handed over has a word.
local function contains(list, word)
  for _, one in ipairs(cjson.decode(list)) do
    if one == word then return true end
  end
  return false
end
