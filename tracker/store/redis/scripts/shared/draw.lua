-- Draws from circles, a whole field at a time. Needs `circles`.

-- Picks fields of a big circle that hold about `want` of its entries, each as likely as any other (Floyd's sampling).
local function pick(fields, circle, count, want)
  local total = math.ceil(count / BUCKET)
  local some = math.max(1, math.floor(want * total / count + 0.5))
  local chosen = {}
  for bound = math.max(0, total - some), total - 1 do
    local at = math.random(0, bound)
    if chosen[at] then at = bound end
    chosen[at] = true
    fields[#fields + 1] = circle .. '/' .. at
  end
end

-- Chooses texts with about as many entries as wanted from each circle, everybody's first, which hold `texts`: those at hand, and the
-- fields in which the others lie. Returns also how many entries each circle has. Redis's random numbers are the same in each
-- call, but for the seed.
local function choose(circles, texts, seed)
  math.randomseed(seed)
  local drawn, fields, counts = {}, {}, {}
  for i = 1, #circles do counts[i] = count_of(texts[i] or '') end
  for i = 1, #circles do
    if counts[i] > BUCKET then
      pick(fields, circles[i], counts[i], i == 1 and ANYWHERE or AROUND)
    else
      drawn[#drawn + 1] = texts[i] or ''
    end
    -- Where everybody is few, the other circles have nothing to add.
    if i == 1 and counts[1] <= ANYWHERE then break end
  end
  return drawn, fields, counts
end
