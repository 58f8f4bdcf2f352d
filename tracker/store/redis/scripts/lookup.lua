-- Finds a member.
--
-- KEYS[1] leases   KEYS[2] swarm
-- ARGV[1] peer id
-- Returns its row, or nothing.
--
-- include circles
-- include leases

local score = redis.call('ZSCORE', leases, ARGV[1])
local about = redis.call('HGET', swarm, ARGV[1])
if score and about and tonumber(score) > now then
  return redis.call('HGET', swarm, string.sub(about, 1, WIDTH))
end
