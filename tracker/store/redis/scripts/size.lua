-- Counts the members of a swarm.
--
-- KEYS[1] leases   KEYS[2] swarm
-- Returns their number.
--
-- include circles
-- include leases

return living()
