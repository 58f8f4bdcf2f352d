-- Renews leases of one swarm, and the life of its keys.
--
-- KEYS[1] leases   KEYS[2] swarm   KEYS[3] digests   KEYS[4] used digests
-- ARGV[1] length of the lease in milliseconds
-- ARGV[2...] peer ids
-- Returns those of them that are no members any more.
--
-- include circles
-- include leases

local behind = sweep()
-- Keys that Redis evicted for want of memory leave a swarm that contradicts itself: its members join anew.
if count_of(redis.call('HGET', swarm, '*') or '') ~= redis.call('ZCARD', leases) then
  redis.call('UNLINK', unpack(KEYS))
  return {unpack(ARGV, 2)}
end

local until_then = now + ARGV[1]
local lost, kept = {}, {}
for i = 2, #ARGV do kept[#kept + 1], kept[#kept + 2] = until_then, ARGV[i] end
-- The count of leases that changed is all of them, but for rare cases.
if behind or redis.call('ZADD', leases, 'XX', 'CH', unpack(kept)) < #ARGV - 1 then
  for i = 2, #ARGV do
    local score = redis.call('ZSCORE', leases, ARGV[i])
    if not score or tonumber(score) <= now then
      lost[#lost + 1] = ARGV[i]
    else
      redis.call('ZADD', leases, until_then, ARGV[i])
    end
  end
end
for i = 1, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
return lost
