-- What the members of a swarm vouch for. Two fields of the hash `digests` for each segment: `<segment>` has its size in bytes
-- (BYTES characters), the viewer who said so (PEER), and a digest (DIGEST) for each block, blank where nobody vouched;
-- `<segment> ` has the viewer behind each of these digests. A segment that viewers disagree about has `!` alone. The field
-- ` blocks` counts blocks over all segments. (Segment ids have no blanks.) The sorted set `used` says when each was used last.
local BYTES, PEER, DIGEST = 8, 22, 22
local digests, used = KEYS[3], KEYS[4]

local function blocks_in(length) return math.max(0, (length - BYTES - PEER) / DIGEST) end

local function held() return tonumber(redis.call('HGET', digests, ' blocks') or 0) end
