-- Polls the portal's snapshot every 100 ms and decides each request in nginx itself: survives the portal.
local snapshot = require("coe_snapshot")
local ffi = require("ffi")
ffi.cdef("typedef struct { long sec; long nsec; } coe_timespec; int clock_gettime(int id, coe_timespec *t);")

local M = { host = "127.0.0.1", port = 5080, token = "", file = "/var/lib/nginx/coe-snapshot.txt", gateway = "", dict = "coe" }
local mine, mine_generation

-- Only goes forward, whatever somebody does to the clock; the same for all workers.
local function monotonic()
  local t = ffi.new("coe_timespec")
  ffi.C.clock_gettime(1, t)
  return tonumber(t.sec) + tonumber(t.nsec) / 1e9
end

local function take(text, fresh)
  local held = snapshot.parse(text)
  local dict = ngx.shared[M.dict]
  if not held or held.generation < (dict:get("generation") or 0) then return nil end
  dict:set("text", text)
  dict:set("generation", held.generation)
  if fresh then dict:set("fresh", fresh) end
  return held
end

local function ask(method, path, extra, body)
  local socket = ngx.socket.tcp()
  socket:settimeouts(100, 250, 250)
  if not socket:connect(M.host, M.port) then return nil end
  socket:send(method .. " " .. path .. " HTTP/1.1\r\nHost: " .. M.host .. "\r\nAuthorization: Bearer " .. M.token .. "\r\n" .. (extra or "")
    .. (body and "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n" or "") .. "\r\n" .. (body or ""))
  local status = socket:receive("*l")
  status = status and tonumber(status:match("^HTTP/1.1 (%d+)"))
  local headers = {}
  while status do
    local line = socket:receive("*l")
    if not line or line == "" then break end
    local name, value = line:match("^([^:]+):%s*(.*)$")
    if name then headers[name:lower()] = value end
  end
  local length = tonumber(headers["content-length"] or "0")
  local text = status and status ~= 304 and length > 0 and socket:receive(length) or ""
  if status then socket:setkeepalive(10000, 2) else socket:close() end
  return status, headers, text
end

local function poll(premature)
  local dict = ngx.shared[M.dict]
  if premature or not dict:add("polling", true, 2) then return end
  local generation = dict:get("generation") or 0
  local asked = monotonic()
  local status, headers, text = ask("GET", "/gov/v1/snapshot.txt", generation > 0 and dict:get("fresh") and 'If-None-Match: "' .. generation .. '"\r\n' or "")
  local age = headers and tonumber(headers["x-gov-age"]) or 0
  if status == 200 and take(text, asked - age) then
    snapshot.keep(M.file, text)
    dict:delete("acked")
  elseif status == 304 then
    dict:set("fresh", asked - age)
  end
  local now = dict:get("generation") or 0
  if now > 0 and dict:add("acked", true, 5) then
    ask("POST", "/gov/v1/acks", nil, '{"enforcer_id":"nginx","generation":' .. now .. "}")
  end
  dict:delete("polling")
end

-- In init_by_lua: what was known before the restart, of unknown age.
function M.recall()
  local _, text = snapshot.recall(M.file)
  if text then take(text, nil) end
end

-- In init_worker_by_lua.
function M.start()
  if ngx.worker.id() == 0 then
    ngx.timer.at(0, poll)
    ngx.timer.every(0.1, poll)
  end
end

-- In access_by_lua: request names what nginx itself knows of the caller.
function M.enforce(request)
  local dict = ngx.shared[M.dict]
  local generation = dict:get("generation")
  if generation ~= mine_generation then
    mine, mine_generation = snapshot.parse(dict:get("text") or ""), generation
  end
  request.gateway, request.id, request.crc32 = M.gateway, ngx.var.request_id, ngx.crc32_long
  local fresh = dict:get("fresh")
  local allowed, reason = snapshot.decide(mine, request, fresh and monotonic() - fresh)
  if allowed and reason == "" then return end
  if allowed then
    ngx.log(ngx.ALERT, "coe: fail open for ", request.use_case or request.route or "")
    return
  end
  ngx.status = 403
  ngx.header["Content-Type"] = "application/json"
  ngx.header["X-Gov-Reason"] = reason
  ngx.say('{"error":{"type":"governance_blocked","reason":"', reason, '"}}')
  return ngx.exit(403)
end

return M
