-- The leases of a swarm's members: a sorted set of peer ids by the millisecond, on Redis's own clock, in which each runs out.
-- Needs `circles`.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Members swept out by one call: enough that calls outrun departures, few enough that no call is slow.
local SWEPT = 4

local function living() return redis.call('ZCOUNT', leases, '(' .. now, '+inf') end

-- Takes a member out of the swarm.
local function forget(peer)
  local about = redis.call('HGET', swarm, peer)
  if about then
    local entry = string.sub(about, 1, WIDTH)
    for circle in string.gmatch(string.sub(about, WIDTH + 1), '%S+') do quit(circle, entry) end
    redis.call('HDEL', swarm, peer, entry)
  end
  redis.call('ZREM', leases, peer)
end

-- Takes out some of the members whose lease has run out. True when more of them are left.
local function sweep()
  local expired = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, SWEPT + 1)
  for i = 1, math.min(SWEPT, #expired) do forget(expired[i]) end
  return #expired > SWEPT
end
