-- The requests of the purchase journey, ready-made and in turn: what one core can send without building or checking.
local start = "/v1.2/event/create.json?client_key=sandbox&message="
local common = "%7B%22channel%22%3A%22WEB%22%2C%22language%22%3A%22EN%22%2C%22currency%22%3A%22GBP%22%2C%22page%22%3A%22home+page%22%2C%22pos%22%3A%22pastoral-witty-grill%22%2C%22type%22%3A%22"
local requests = {}
local turn = 0

init = function()
  requests[1] = wrk.format("GET", "/v1.2/browser/create.json?client_key=sandbox&message=%7B%7D")
  for _, kind in ipairs({"VIEW", "IDENTITY", "ADD", "CONFIRM", "CHECKOUT"}) do
    requests[#requests + 1] = wrk.format("GET", start .. common .. kind .. "%22%7D")
  end
end

request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
