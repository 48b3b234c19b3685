-- Asks for what `signed.lua` lists, one after the other, and looks at every answer.

local signed = dofile("signed.lua")
local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init()
   asked, wrong = 0, 0
end

function request()
   asked = asked + 1
   local it = signed[asked % #signed + 1]
   return wrk.format("GET", it.target, it.headers)
end

function response(status, _, body)
   if status ~= 200 or not body:find(signed.expected, 1, true) then
      wrong = wrong + 1
   end
end

function done(summary)
   local wrong, errors = 0, summary.errors
   for _, thread in ipairs(threads) do
      wrong = wrong + thread:get("wrong")
   end
   local broken = errors.connect + errors.read + errors.write + errors.timeout
   io.write(string.format("answers %d wrong %d broken %d\n", summary.requests, wrong, broken))
end
