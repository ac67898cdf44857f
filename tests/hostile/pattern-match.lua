-- string.match that goes back for ever.
local s = ("a"):rep(40)
local x = s:match(("a*"):rep(30) .. "b")
