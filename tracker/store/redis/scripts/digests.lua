-- Looks up what viewers vouch for.
--
-- KEYS[1] leases   KEYS[2] swarm   KEYS[3] digests   KEYS[4] used digests
-- ARGV[1...] segments
-- Returns the record of each (see shared/ledger.lua), nothing for one that nobody spoke of.
--
-- include circles
-- include leases
-- include ledger

if living() == 0 then return {} end
local records = redis.call('HMGET', digests, unpack(ARGV))
for i = 1, #ARGV do
  if records[i] then redis.call('ZADD', used, 'XX', now, ARGV[i]) end
end
return records
