-- Polls the portal's snapshot every 100 ms inside HAProxy (2.5 or newer, built with Lua) and decides each request.
package.path = os.getenv("COE_KIT") .. "/?.lua;" .. package.path
local snapshot = require("coe_snapshot")

local url, token = os.getenv("COE_PORTAL"), os.getenv("COE_TOKEN")
local file, gateway = os.getenv("COE_STATE") .. "/coe-snapshot.txt", os.getenv("COE_GATEWAY") or ""
local held = snapshot.recall(file)
-- Nil: of unknown age.
local fresh, acked

-- core.now is the monotonic-driven date of HAProxy itself, corrected against jumps of the clock.
local function now()
  local t = core.now()
  return t.sec + t.usec / 1e6
end

local function headers(more)
  local all = { ["authorization"] = { "Bearer " .. token } }
  for name, value in pairs(more or {}) do all[name] = { value } end
  return all
end

core.register_task(function()
  while true do
    local asked = now()
    local known = held and fresh and { ["if-none-match"] = '"' .. string.format("%d", held.generation) .. '"' }
    local ok, answer = pcall(function()
      return core.httpclient():get({ url = url .. "/gov/v1/snapshot.txt", headers = headers(known), timeout = 500 })
    end)
    if ok and answer and (answer.status == 200 or answer.status == 304) then
      local age = tonumber((answer.headers["x-gov-age"] or { [0] = "0" })[0]) or 0
      local read = answer.status == 200 and snapshot.parse(answer.body or "")
      if read and (not held or read.generation >= held.generation) then
        held, fresh, acked = read, asked - age, nil
        snapshot.keep(file, answer.body)
      elseif answer.status == 304 then
        fresh = asked - age
      end
      if held and (not acked or now() - acked > 5) then
        local body = string.format('{"enforcer_id":"haproxy","generation":%d}', held.generation)
        pcall(function()
          core.httpclient():post({ url = url .. "/gov/v1/acks", headers = headers({ ["content-type"] = "application/json", ["content-length"] = tostring(#body) }), body = body, timeout = 500 })
        end)
        acked = now()
      end
    end
    core.msleep(100)
  end
end)

-- http-request lua.coe_enforce: reads txn.coe_route or txn.coe_use_case, sets txn.coe_allowed and txn.coe_reason.
core.register_action("coe_enforce", { "http-req" }, function(txn)
  local request = { use_case = txn:get_var("txn.coe_use_case"), route = txn:get_var("txn.coe_route"), model = txn:get_var("txn.coe_model"), gateway = gateway, id = txn.sf:unique_id() }
  request.crc32 = function(text) return tonumber(txn.sc:crc32(text)) end
  local allowed, reason = snapshot.decide(held, request, fresh and now() - fresh)
  if allowed and reason ~= "" then core.Alert("coe: fail open for " .. tostring(request.use_case or request.route)) end
  txn:set_var("txn.coe_allowed", allowed)
  txn:set_var("txn.coe_reason", reason)
end, 0)
