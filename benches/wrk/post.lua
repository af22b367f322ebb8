-- One form posted again and again with Basic authentication: BODY, or one line of TOKENS after the other as `token`.
local lines = {}
if os.getenv("TOKENS") then
  for line in io.lines(os.getenv("TOKENS")) do lines[#lines + 1] = "token=" .. line end
else
  lines[1] = os.getenv("BODY")
end

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")

local requests, turn = {}, 0

init = function(args)
  for i, body in ipairs(lines) do requests[i] = wrk.format(nil, nil, nil, body) end
end

request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
