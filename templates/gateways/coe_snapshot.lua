-- Reads the portal's snapshot.txt and decides by it. Pure Lua 5.1 to 5.4, without a library: for nginx (LuaJIT) and HAProxy.
-- The rules are those of SNAPSHOT.md: only the word "allow" allows, an older or torn text is refused whole.
local M = {}

local function split(line)
  local fields = {}
  for field in (line .. "\t"):gmatch("([^\t]*)\t") do fields[#fields + 1] = field end
  return fields
end

-- Returns a table, or nil and why not.
function M.parse(text)
  local held = { generation = nil, everything = nil, use_case = {}, model = {}, gateway = {}, key_hash = {}, route = {}, team = {} }
  local count, ended = 0, false
  for line in text:gmatch("([^\n]*)\n") do
    local f = split(line)
    if not held.generation then
      if f[1] ~= "coe-snapshot" or f[2] ~= "1" or not tonumber(f[3]) then return nil, "unreadable" end
      held.generation = tonumber(f[3])
    elseif f[1] == "end" then
      ended = tonumber(f[2]) == count
    else
      count = count + 1
      local entry = { state = f[3], approved = f[4] == "approved", fail_mode = f[5], max_stale = tonumber(f[6]) or 0, share = tonumber(f[7]) or 0, held = f[8], degrade_to = f[9], reason = f[10] }
      if f[1] == "everything" then held.everything = entry
      elseif f[1] == "use_case" or f[1] == "model" or f[1] == "gateway" then held[f[1]][f[2]] = entry
      elseif held[f[1]] then held[f[1]][f[2]] = f[3] end
    end
  end
  if not ended or not held.everything then return nil, "unreadable" end
  return held
end

local function allows(entry, request)
  if entry.state == "allow" then return true end
  if entry.state == "limited" and request.id and request.crc32 and request.crc32(request.id) % 100 < entry.share then return true end
  local degraded = entry.state == "degrade" or entry.state == "limited" and entry.held == "degrade"
  return degraded and request.model ~= nil and entry.degrade_to ~= "-" and request.model:lower() == entry.degrade_to
end

-- request: use_case, or key_hash / route / team; optional model, gateway, id with crc32. stale: seconds, nil when unknown.
-- Returns whether it may run, and why not.
function M.decide(held, request, stale)
  if not held then return false, "no_snapshot" end
  local key = request.use_case
  for _, kind in ipairs({ "key_hash", "route", "team" }) do
    if request[kind] then
      local bound = held[kind][request[kind]]
      if not bound or key and key ~= bound then return false, "unknown_use_case" end
      key = bound
    end
  end
  local entry = key and held.use_case[key]
  if not entry then return false, "unknown_use_case" end
  local model = request.model and request.model:lower()
  local candidates = { held.everything, entry }
  if request.gateway and held.gateway[request.gateway] then candidates[#candidates + 1] = held.gateway[request.gateway] end
  if model then
    local bare = model:gsub("^.*/", "")
    local named = held.model[model] or held.model[bare] or held.model[(bare:gsub("[-@]%d%d%d%d%-%d%d%-%d%d$", ""):gsub("[-@]%d%d%d%d%d%d%d%d$", ""))]
    if named then candidates[#candidates + 1] = named end
  end
  for _, candidate in ipairs(candidates) do
    if not allows(candidate, request) then return false, candidate.reason ~= "-" and candidate.reason or candidate.state end
  end
  if not entry.approved then return false, "not_approved" end
  if not stale or stale > entry.max_stale then
    if entry.fail_mode == "open" then return true, "fail_open" end
    return false, "stale"
  end
  return true, ""
end

-- What was stopped is stopped before the first request after a restart. Beside it, then moved: never half a file.
function M.keep(path, text)
  local file = io.open(path .. ".new", "w")
  if not file then return false end
  file:write(text)
  file:close()
  return os.rename(path .. ".new", path)
end

function M.recall(path)
  local file = io.open(path, "r")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return M.parse(text), text
end

return M
