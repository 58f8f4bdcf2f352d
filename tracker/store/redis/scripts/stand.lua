-- Counts who stands in some circles of a swarm.
--
-- KEYS[1] leases   KEYS[2] swarm
-- ARGV[1...] circles, everybody first
-- Returns {now when members whose lease has run out are still in the circles, else 0; size of the swarm; size of each circle}.
--
-- include circles
-- include leases

local behind = sweep()
local counts = redis.call('HMGET', swarm, unpack(ARGV))
for i = 1, #ARGV do counts[i] = count_of(counts[i] or '') end
if behind then return {now, living(), unpack(counts)} end
return {0, counts[1], unpack(counts)}
