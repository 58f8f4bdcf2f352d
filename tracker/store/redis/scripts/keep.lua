-- Keeps the name of a process, or takes it back where nobody else has it, and calls the process through its own mailbox.
--
-- KEYS[1] the name's lease
-- ARGV[1] who holds it   ARGV[2] length of the lease in milliseconds   ARGV[3] the mailbox's channel
-- Returns how many heard the call, or -1 when another process holds the name.

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return -1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('SPUBLISH', ARGV[3], '')
