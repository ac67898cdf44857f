-- A string of 10 GB.
local x = ("x"):rep(1e10)
