-- Draws from some circles of a swarm.
--
-- KEYS[1] leases   KEYS[2] swarm
-- ARGV[1] a random number
-- ARGV[2...] circles, everybody first
-- Returns {now when members whose lease has run out are still in the circles, else 0; size of the swarm; texts of entries drawn}.
--
-- include circles
-- include leases
-- include draw

local behind = sweep()
local circles = {unpack(ARGV, 2)}
local drawn, fields, counts = choose(circles, redis.call('HMGET', swarm, unpack(circles)), ARGV[1])
local held = #fields > 0 and redis.call('HMGET', swarm, unpack(fields)) or {}
for i = 1, #fields do drawn[#drawn + 1] = held[i] or '' end
if behind then return {now, living(), unpack(drawn)} end
return {0, counts[1], unpack(drawn)}
