-- Gives up the name of a process, unless another holds it by now.
--
-- KEYS[1] the name's lease
-- ARGV[1] who holds it
-- Returns nothing.

if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
