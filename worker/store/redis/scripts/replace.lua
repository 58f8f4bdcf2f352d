-- Writes the coarser cells of a span that were made from its finer ones, unless something was counted in it meanwhile.
--
-- KEYS[1] open spans of this resolution   KEYS[2] open spans of the next   KEYS[3...] pages of cells
-- ARGV[1] the span   ARGV[2] its number when the finer cells were read   ARGV[3] the span of the next resolution, or nothing
-- then for each page: when it ends (seconds since 1970), how many of the following are its fields and cells, and these in turns
-- Returns 1, or 0 when nothing was done.

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then redis.call('HINCRBY', KEYS[2], ARGV[3], 1) end
local arg = 4
for page = 3, #KEYS do
  local last = arg + 1 + ARGV[arg + 1]
  -- HSET takes as many arguments as Lua's stack.
  for first = arg + 2, last, 4000 do
    redis.call('HSET', KEYS[page], unpack(ARGV, first, math.min(first + 3999, last)))
  end
  redis.call('EXPIREAT', KEYS[page], ARGV[arg])
  arg = last + 1
end
return 1
