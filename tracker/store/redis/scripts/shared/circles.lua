-- The circles of a swarm, in its hash. A circle is a bag of entries: random numbers of WIDTH characters, to base 36, one for
-- each member. Up to BUCKET of them lie in one field that is named like the circle. A bigger circle says `#<count>` there and
-- keeps its entries in the fields `<circle>/0`, `<circle>/1` and so on, one for every BUCKET entries; an entry lies where its
-- number says (linear hashing). So a circle grows and shrinks by one field at a time, and each of its fields is a random handful.
--
-- Redis's Lua hashes every character of every string that it is handed: short entries and small fields are what makes it quick.
local leases, swarm = KEYS[1], KEYS[2]

local function count_of(text)
  if string.byte(text) == 35 then return tonumber(string.sub(text, 2)) end
  return #text / WIDTH
end

-- Which of `total` fields an entry lies in.
local function place(entry, total)
  local number = tonumber(entry, 36)
  local _, bits = math.frexp(total - 1)
  local span = 2 ^ bits
  local at = number % span
  if at >= total then at = number % (span / 2) end
  return at
end

-- The field that field `new` was divided from.
local function parent_of(new)
  local _, bits = math.frexp(new)
  return new - 2 ^ (bits - 1)
end

-- A circle of `count` entries has just outgrown its fields: one of them is divided.
local function split(circle, count)
  local total = math.ceil(count / BUCKET)
  local new = total - 1
  local parent = circle .. '/' .. parent_of(new)
  local text = redis.call('HGET', swarm, new == 1 and circle or parent) or ''
  local stay, go = {}, {}
  for at = 1, #text, WIDTH do
    local entry = string.sub(text, at, at + WIDTH - 1)
    local side = place(entry, total) == new and go or stay
    side[#side + 1] = entry
  end
  redis.call('HSET', swarm, circle, '#' .. count, parent, table.concat(stay), circle .. '/' .. new, table.concat(go))
end

-- The opposite: the last field goes back into the one that it was divided from.
local function merge(circle, count)
  local last = math.ceil(count / BUCKET)
  local parent, child = circle .. '/' .. parent_of(last), circle .. '/' .. last
  local texts = redis.call('HMGET', swarm, parent, child)
  local text = (texts[1] or '') .. (texts[2] or '')
  redis.call('HDEL', swarm, child)
  if last > 1 then
    redis.call('HSET', swarm, parent, text)
  else
    redis.call('HDEL', swarm, parent)
    redis.call('HSET', swarm, circle, text)
  end
end

-- Adds an entry to circles, whose fields hold `texts` now and which have `counts` entries, and writes the `fields` (names and values
-- in turn) with it. Adds what the fields `wanted` held before to `found`, and one to each count.
local function enter(circles, texts, counts, entry, fields, wanted, found)
  local homes, n = {}, #fields
  for i = 1, #circles do
    local text = texts[i] or ''
    local count = counts[i]
    counts[i] = count + 1
    if string.byte(text) == 35 then
      homes[#homes + 1] = circles[i] .. '/' .. place(entry, math.ceil(count / BUCKET))
      text = '#' .. counts[i]
    else
      text = text .. entry
    end
    fields[n + 1], fields[n + 2] = circles[i], text
    n = n + 2
  end
  if #homes + #wanted > 0 then
    local size = #homes
    for i = 1, #wanted do homes[size + i] = wanted[i] end
    local held = redis.call('HMGET', swarm, unpack(homes))
    for i = 1, size do
      fields[n + 1], fields[n + 2] = homes[i], (held[i] or '') .. entry
      n = n + 2
    end
    for i = size + 1, #homes do found[#found + 1] = held[i] or '' end
  end
  redis.call('HSET', swarm, unpack(fields))
  for i = 1, #circles do
    if counts[i] > BUCKET and counts[i] % BUCKET == 1 then split(circles[i], counts[i]) end
  end
end

-- Takes an entry out of a circle.
local function quit(circle, entry)
  local text = redis.call('HGET', swarm, circle) or ''
  local count, field = count_of(text), circle
  local big = string.byte(text) == 35
  if big then
    field = circle .. '/' .. place(entry, math.ceil(count / BUCKET))
    text = redis.call('HGET', swarm, field) or ''
  end
  local at = string.find(text, entry, 1, true)
  while at and at % WIDTH ~= 1 do at = string.find(text, entry, at + 1, true) end
  if not at then return end
  local rest = string.sub(text, 1, at - 1) .. string.sub(text, at + WIDTH)
  if big then
    redis.call('HSET', swarm, field, rest, circle, '#' .. count - 1)
    if (count - 1) % BUCKET == 0 then merge(circle, count - 1) end
  elseif rest == '' then
    redis.call('HDEL', swarm, circle)
  else
    redis.call('HSET', swarm, circle, rest)
  end
end
