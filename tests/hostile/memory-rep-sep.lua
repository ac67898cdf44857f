-- A string of 1 TB.
local x = ("x"):rep(1e6, ("y"):rep(1e6))
