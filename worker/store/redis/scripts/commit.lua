-- Counts samples of one site that were not counted before, all of them or none.
--
-- KEYS[1] open spans   then sessions, logs of cells, and sets of viewers, in this order
-- ARGV[1] how many sessions   ARGV[2] how many logs   ARGV[3] how long a session is remembered, in milliseconds
-- ARGV[4] the spans that change, packed
-- ARGV[5] for each session how many samples it has, and their numbers in the order in which they are to be counted, packed in one list
-- then two for each log: when it ends (seconds since 1970), and the record to append
-- then two for each set of viewers: when it ends, and who is added, packed
-- Returns two lists. The first has pairs of session and position, both from 0, of samples that were counted before: when there are any,
-- nothing was done. The second has the logs, from 0, whose deltas outweigh their sum by far.
--
-- What was counted of a session is the number that comes next or, with gaps, runs "start,end,start,end ...", end exclusive, ascending,
-- never touching. Records of logs are described in log.ts.

local sessions, logs = tonumber(ARGV[1]), tonumber(ARGV[2])
-- Arguments that fit on Lua's stack.
local AT_ONCE = 4000
local DELTA, HEAD = 1, 5

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

local function read_runs(known)
  local runs = {}
  local next_seq = tonumber(known)
  if next_seq then
    if next_seq > 0 then runs = { 0, next_seq } end
  else
    for number in string.gmatch(known, '%d+') do runs[#runs + 1] = tonumber(number) end
  end
  return runs
end

local function write_runs(runs)
  if #runs == 2 and runs[1] == 0 then return tostring(runs[2]) end
  return table.concat(runs, ',')
end

local claims, at = cmsgpack.unpack(ARGV[5]), 1
local seen, counted = {}, {}
for first = 1, sessions, AT_ONCE do
  local last = math.min(first + AT_ONCE - 1, sessions)
  local known = redis.call('MGET', unpack(KEYS, 1 + first, 1 + last))
  for session = first, last do
    local before = known[session - first + 1] or '0'
    local next_seq, many = tonumber(before), claims[at]
    if next_seq and many == 1 and claims[at + 1] == next_seq then
      -- Nearly always.
      counted[session] = next_seq + 1
    else
      local runs = read_runs(before)
      for position = 1, many do
        if not note(runs, claims[at + position]) then
          seen[#seen + 1] = session - 1
          seen[#seen + 1] = position - 1
        end
      end
      counted[session] = write_runs(runs)
    end
    at = at + many + 1
  end
end
if #seen > 0 then return { seen, {} } end

-- All is read before the first write, so that nothing that cannot be read leaves half a batch behind.
local spans, viewers_of = cmsgpack.unpack(ARGV[4]), {}
local log_key, log_arg = 1 + sessions, 4
local set_key, set_arg = log_key + logs, log_arg + 2 * logs
for set = 1, #KEYS - set_key do viewers_of[set] = cmsgpack.unpack(ARGV[set_arg + 2 * set + 1]) end

for session = 1, sessions do redis.call('SET', KEYS[1 + session], counted[session], 'PX', ARGV[3]) end
for _, span in ipairs(spans) do redis.call('HINCRBY', KEYS[1], span, 1) end
local long = {}
for log = 1, logs do
  local key, record = KEYS[log_key + log], ARGV[log_arg + 2 * log + 1]
  local length = redis.call('APPEND', key, record)
  if length == #record then redis.call('EXPIREAT', key, ARGV[log_arg + 2 * log]) end
  if length > LONG_LOG then
    local head = redis.call('GETRANGE', key, 0, HEAD - 1)
    local kind, sum = struct.unpack('<BI4', head)
    if kind == DELTA or length > LONG_LOG + LONG_TIMES * sum then long[#long + 1] = log - 1 end
  end
end
for set, viewers in ipairs(viewers_of) do
  local key = KEYS[set_key + set]
  for first = 1, #viewers, AT_ONCE do
    redis.call('PFADD', key, unpack(viewers, first, math.min(first + AT_ONCE - 1, #viewers)))
  end
  redis.call('EXPIREAT', key, ARGV[set_arg + 2 * set])
end
return { seen, long }
