-- Notes the digests that a viewer vouches for: consecutive blocks of one segment. The first word on a block, and on the
-- segment's size, stands; the same viewer's other word later is ignored; another viewer's other word is a conflict, which stays.
--
-- KEYS[1] leases   KEYS[2] swarm   KEYS[3] digests   KEYS[4] used digests
-- ARGV[1] length of a lease in milliseconds
-- ARGV[2] viewer   ARGV[3] segment   ARGV[4] its size in bytes, in 8 digits
-- ARGV[5] number of the first block   ARGV[6] the digests, one after the other
-- ARGV[7] segments to keep   ARGV[8] blocks to keep
-- Returns nothing.
--
-- include circles
-- include leases
-- include ledger

-- Segments forgotten by one call at most.
local EVICTED = 256

if living() == 0 then return end
local viewer, segment, bytes, claim = ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local first = ARGV[5] * DIGEST

local function put(record, owners, blocks)
  redis.call('HSET', digests, segment, record, segment .. ' ', owners, ' blocks', held() + blocks)
end

local function conflict(text)
  redis.call('HDEL', digests, segment .. ' ')
  redis.call('HSET', digests, segment, '!', ' blocks', held() - #text / DIGEST)
end

-- Joins the claim to what is known already.
local function note(head, text, owners)
  if string.sub(text, first + 1, first + #claim) == claim then return end
  local more = math.max(0, first + #claim - #text)
  text, owners = text .. string.rep(' ', more), owners .. string.rep(' ', more)
  local said, by = {string.sub(text, 1, first)}, {string.sub(owners, 1, first)}
  for at = 1, #claim, DIGEST do
    local old, new = string.sub(text, first + at, first + at + DIGEST - 1), string.sub(claim, at, at + DIGEST - 1)
    local owner = string.sub(owners, first + at, first + at + PEER - 1)
    if string.byte(old) == 32 then
      old, owner = new, viewer
    elseif old ~= new and owner ~= viewer then
      return conflict(string.sub(text, 1, #text - more))
    end
    said[#said + 1], by[#by + 1] = old, owner
  end
  said[#said + 1] = string.sub(text, first + #claim + 1)
  by[#by + 1] = string.sub(owners, first + #claim + 1)
  put(head .. table.concat(said), table.concat(by), more / DIGEST)
end

-- Forgets segments that were not used for longest while there are too many. What one call does not manage, the next will.
local function evict()
  local segments, blocks = redis.call('ZCARD', used) - ARGV[7], held() - ARGV[8]
  if segments <= 0 and blocks <= 0 then return end
  local gone, fields = {}, {}
  for _, oldest in ipairs(redis.call('ZRANGE', used, 0, EVICTED - 1)) do
    if oldest == segment or (segments <= 0 and blocks <= 0) then break end
    segments = segments - 1
    blocks = blocks - blocks_in(redis.call('HSTRLEN', digests, oldest))
    gone[#gone + 1] = oldest
    fields[#fields + 1], fields[#fields + 2] = oldest, oldest .. ' '
  end
  if #gone == 0 then return end
  redis.call('ZREM', used, unpack(gone))
  redis.call('HDEL', digests, unpack(fields))
  redis.call('HSET', digests, ' blocks', blocks + ARGV[8])
end

local known = redis.call('HGET', digests, segment)
if not known then
  note(bytes .. viewer, '', '')
elseif known ~= '!' then
  local head, text = string.sub(known, 1, BYTES + PEER), string.sub(known, BYTES + PEER + 1)
  if string.sub(head, 1, BYTES) == bytes then
    note(head, text, redis.call('HGET', digests, segment .. ' '))
  elseif string.sub(head, BYTES + 1) ~= viewer then
    conflict(text)
  end
end
redis.call('ZADD', used, now, segment)
evict()
redis.call('PEXPIRE', digests, ARGV[1])
redis.call('PEXPIRE', used, ARGV[1])
