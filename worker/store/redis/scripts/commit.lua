-- Counts samples of one site that were not counted before, all of them or none.
--
-- KEYS[1] open spans   then sessions, pages of cells, and sets of viewers, in this order
-- ARGV[1] how many sessions   ARGV[2] how many pages   ARGV[3] how long a session is remembered, in milliseconds
-- ARGV[4] the spans that change, packed
-- then for each session, packed: the numbers of its samples, in the order in which they are to be counted
-- then two for each page: when it ends (seconds since 1970), and what is added to it, packed: counts by field
-- then two for each set of viewers: when it ends, and who is added, packed
-- Returns pairs of session and position, both from 0, of samples that were counted before. When there are any, nothing was done.
--
-- A session is a packed list of runs {start, end, start, end ...}, end exclusive, ascending, never touching.
-- A cell is a packed table of counts by the counter's number.

local sessions, pages = tonumber(ARGV[1]), tonumber(ARGV[2])
local seen = {}
-- Arguments that fit on Lua's stack.
local AT_ONCE = 2000

-- The same as `note` in sequences.ts.
local function note(runs, seq)
  local at = #runs
  while at > 0 and runs[at - 1] > seq do at = at - 2 end
  local last = at > 0 and runs[at] or -1
  if seq < last then return false end
  local before, after = seq == last, runs[at + 1] == seq + 1
  if before and after then
    table.remove(runs, at)
    table.remove(runs, at)
  elseif before then
    runs[at] = seq + 1
  elseif after then
    runs[at + 1] = seq
  else
    table.insert(runs, at + 1, seq + 1)
    table.insert(runs, at + 1, seq)
  end
  if #runs > 2 * MAX_RUNS then
    table.remove(runs, 2)
    table.remove(runs, 2)
  end
  return true
end

local runs_of = {}
for session = 1, sessions do
  local known = redis.call('GET', KEYS[1 + session])
  local runs = known and cmsgpack.unpack(known) or {}
  for position, seq in ipairs(cmsgpack.unpack(ARGV[4 + session])) do
    if not note(runs, seq) then
      seen[#seen + 1] = session - 1
      seen[#seen + 1] = position - 1
    end
  end
  runs_of[session] = runs
end
if #seen > 0 then return seen end

-- All is read before the first write, so that nothing that cannot be read leaves half a batch behind.
local key, arg = 1 + sessions, 4 + sessions
local written_to, viewers_of = {}, {}
for page = 1, pages do
  local fields, more = {}, {}
  for field, counts in pairs(cmsgpack.unpack(ARGV[arg + 2 * page])) do
    fields[#fields + 1] = field
    more[#more + 1] = counts
  end
  local written = {}
  for first = 1, #fields, AT_ONCE do
    local last = math.min(first + AT_ONCE - 1, #fields)
    local known = redis.call('HMGET', KEYS[key + page], unpack(fields, first, last))
    for i = first, last do
      local before, counts = known[i - first + 1], more[i]
      if before then
        before = cmsgpack.unpack(before)
        for counter, count in pairs(counts) do before[counter] = (before[counter] or 0) + count end
        counts = before
      end
      written[2 * i - 1], written[2 * i] = fields[i], cmsgpack.pack(counts)
    end
  end
  written_to[page] = written
end
for set = 1, #KEYS - key - pages do viewers_of[set] = cmsgpack.unpack(ARGV[arg + 2 * (pages + set)]) end

for session = 1, sessions do
  redis.call('SET', KEYS[1 + session], cmsgpack.pack(runs_of[session]), 'PX', ARGV[3])
end
for _, span in ipairs(cmsgpack.unpack(ARGV[4])) do redis.call('HINCRBY', KEYS[1], span, 1) end
for page, written in ipairs(written_to) do
  for first = 1, #written, 2 * AT_ONCE do
    redis.call('HSET', KEYS[key + page], unpack(written, first, math.min(first + 2 * AT_ONCE - 1, #written)))
  end
  redis.call('EXPIREAT', KEYS[key + page], ARGV[arg + 2 * page - 1])
end
for set, viewers in ipairs(viewers_of) do
  redis.call('PFADD', KEYS[key + pages + set], unpack(viewers))
  redis.call('EXPIREAT', KEYS[key + pages + set], ARGV[arg + 2 * (pages + set) - 1])
end
return seen
