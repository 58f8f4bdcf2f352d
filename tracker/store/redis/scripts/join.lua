-- Adds a member to a swarm, or replaces the one with the same id, and starts its lease.
--
-- KEYS[1] leases   KEYS[2] swarm   KEYS[3] digests   KEYS[4] used digests
-- ARGV[1] length of the lease in milliseconds
-- ARGV[2] peer id   ARGV[3] its new entry   ARGV[4] its row   ARGV[5] a random number
-- ARGV[6] empty when the life of the keys was prolonged a moment ago
-- ARGV[7...] its circles, everybody first
-- Returns {now when members whose lease has run out are still in the circles, else 0; size of the swarm; texts of entries drawn}.
--
-- include circles
-- include leases
-- include draw

local peer, entry, row = ARGV[2], ARGV[3], ARGV[4]
local circles = {unpack(ARGV, 7)}
local behind = sweep()
local known = redis.call('HMGET', swarm, peer, unpack(circles))
local before = table.remove(known, 1)
-- The first member of a swarm finds nothing that members before it vouched for.
if not known[1] then redis.call('UNLINK', KEYS[3], KEYS[4]) end
if before then
  forget(peer)
  known = redis.call('HMGET', swarm, unpack(circles))
end

local drawn, fields, counts = choose(circles, known, ARGV[5])
enter(circles, known, counts, entry, {peer, entry .. table.concat(circles, ' '), entry, row}, fields, drawn)
redis.call('ZADD', leases, now + ARGV[1], peer)
if counts[1] == 1 or ARGV[6] ~= '' then
  redis.call('PEXPIRE', leases, ARGV[1])
  redis.call('PEXPIRE', swarm, ARGV[1])
end
if behind then return {now, living(), unpack(drawn)} end
return {0, counts[1], unpack(drawn)}
