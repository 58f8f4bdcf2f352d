-- Gives values of one scope and day a place of their own while there are places.
--
-- KEYS[1] the values that have one
-- ARGV[1] how many places there are   ARGV[2] when the day is over for good (seconds since 1970)   ARGV[3...] values
-- Returns 1 or 0 for each value: it has a place, or it has not. The answer for a value never changes.

local most = tonumber(ARGV[1])
local taken = redis.call('SCARD', KEYS[1])
local admitted = {}
for i = 3, #ARGV do
  if redis.call('SISMEMBER', KEYS[1], ARGV[i]) == 1 then
    admitted[i - 2] = 1
  elseif taken < most then
    redis.call('SADD', KEYS[1], ARGV[i])
    taken = taken + 1
    admitted[i - 2] = 1
  else
    admitted[i - 2] = 0
  end
end
redis.call('EXPIREAT', KEYS[1], ARGV[2])
return admitted
