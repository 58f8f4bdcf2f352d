-- Replaces what was read of a log by its sum, unless somebody else has done so meanwhile. What was appended since stays.
--
-- KEYS[1] the log
-- ARGV[1] its head, as it was read   ARGV[2] how many bytes were read   ARGV[3] their sum
-- Returns 1, or 0 when nothing was done.

if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return 0 end
local since = redis.call('GETRANGE', KEYS[1], ARGV[2], -1)
redis.call('SET', KEYS[1], ARGV[3] .. since, 'KEEPTTL')
return 1
