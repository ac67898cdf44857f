-- A pattern that calls itself too deeply.
local x = ("x"):rep(300000):match(("(x"):rep(31) .. (")"):rep(31))
local y = ("x"):rep(1e6):match(".-" .. ("x?"):rep(200000) .. "y")
