-- Each family's live refresh token is presented once and replaced by its successor; many more families than connections.
local live, first, last = {}, 1, 0
for line in io.lines(os.getenv("TOKENS")) do last = last + 1; live[last] = line end

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")

request = function()
  local token = live[first]
  live[first] = nil
  if token then first = first + 1 end
  return wrk.format(nil, nil, nil, "grant_type=refresh_token&refresh_token=" .. (token or "none-left"))
end

response = function(status, headers, body)
  local successor = body:match('"refresh_token"%s*:%s*"([^"]+)"')
  if successor then last = last + 1; live[last] = successor end
end
