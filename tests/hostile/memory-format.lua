-- A large string from string.format.
local s = ("x"):rep(1e7)
local x = ("%s%s%s%s%s%s%s%s"):format(s, s, s, s, s, s, s, s)
