-- More results than the stack holds.
local t = table.pack(("x"):rep(1e6):byte(1, -1))
