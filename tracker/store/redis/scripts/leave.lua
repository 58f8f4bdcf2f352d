-- Takes a member out of a swarm; a swarm without members leaves nothing behind.
--
-- KEYS[1] leases   KEYS[2] swarm   KEYS[3] digests   KEYS[4] used digests
-- ARGV[1] peer id
-- Returns nothing.
--
-- include circles
-- include leases

forget(ARGV[1])
sweep()
if living() == 0 then redis.call('UNLINK', unpack(KEYS)) end
