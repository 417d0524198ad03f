-- Sends the lines of the file named by EVENTS_FILE, one after the other: a path, or for POST a body behind a tab.
local requests = {}
local at = 0
function init(_)
  for line in io.lines(os.getenv("EVENTS_FILE")) do
    local path, body = line:match("^([^\t]*)\t(.*)$")
    requests[#requests + 1] = body
      and wrk.format("POST", path, { ["Content-Type"] = "application/json" }, body)
      or wrk.format("GET", line)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, _, _)
  local wrong = summary.errors
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout))
end
