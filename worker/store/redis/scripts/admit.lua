-- Gives values of one scope and day a place of their own while there are places.
--
-- KEYS[1] the values that have one
-- ARGV[1] how many places there are   ARGV[2] when the day is over for good (seconds since 1970)   ARGV[3...] values
-- Returns '1' and all values that have a place when there are no more places, else '0' and those of the given ones that have one: all.
-- Who has a place keeps it, and who has none when all are taken never gets one.

local most = tonumber(ARGV[1])
local taken = redis.call('SCARD', KEYS[1])
for i = 3, #ARGV do
  if taken < most then taken = taken + redis.call('SADD', KEYS[1], ARGV[i]) end
end
redis.call('EXPIREAT', KEYS[1], ARGV[2])
local told
if taken < most then
  told = { '0' }
  for i = 3, #ARGV do told[i - 1] = ARGV[i] end
else
  told = redis.call('SMEMBERS', KEYS[1])
  table.insert(told, 1, '1')
end
return told
